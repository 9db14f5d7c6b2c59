import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import { type LookupFunction, isIP } from 'node:net';
import { inBlocks, parseBlock } from '../../core/address.ts';

/**
 * Where a host that a document or a server names, and no operator, must not lead: this machine, its link, and the addresses at which clouds tell a
 * machine its secrets. Private networks stay open: that is where registries of contracts stand.
 */
const FORBIDDEN = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local (RFC 3927): AWS, Azure, Google, DigitalOcean
  '100.100.100.200', // Alibaba
  '168.63.129.16', // Azure, what its machines are told at their start
  '192.0.0.192', // Oracle
  '224.0.0.0/3', // multicast, reserved, broadcast
  '::/96', // unspecified, loopback, IPv4-compatible
  '64:ff9b::/96', // IPv4 behind NAT64 (RFC 6052)
  'fd00:ec2::/32', // AWS
  'fd20:ce::254', // Google
  'fd00:c1::a9fe:a9fe', // Oracle
  'fd00:42::42', // Scaleway
  'fe80::/10',
  'ff00::/8',
].map((text) => parseBlock(text) as NonNullable<ReturnType<typeof parseBlock>>);

function isForbidden(address: string): boolean {
  return inBlocks(address.replace(/^\[|\]$/g, ''), FORBIDDEN);
}

export class ForbiddenAddress extends Error {
  constructor(hostname: string, address: string) {
    super(hostname === address ? `${address} may not be asked` : `${hostname} is ${address}, which may not be asked`);
  }
}

/** @throws where the host is an address already, which nobody looks up. */
export function refuseForbidden(hostname: string): void {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && isForbidden(bare)) throw new ForbiddenAddress(bare, bare);
}

/** The system's lookup, of which no forbidden address comes: what is checked is what is connected to. */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  const wanted: LookupAllOptions = { ...options, all: true };
  lookup(hostname, wanted, (error, addresses: LookupAddress[]) => {
    if (error !== null) return callback(error, '', 0);
    const bad = addresses.find(({ address }) => isForbidden(address));
    if (bad !== undefined) return callback(new ForbiddenAddress(hostname, bad.address), '', 0);
    const [first] = addresses;
    if (options.all === true) callback(null, addresses);
    else callback(null, first?.address ?? '', first?.family ?? 0);
  });
};
