/** An IP address as a number: 32 bits for IPv4, 128 for IPv6; IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A block of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3). */
export interface Block extends Address {
  readonly prefix: number;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  for (const group of text.split(':')) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    groups.push(BigInt(`0x${group}`));
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  let rest = text;
  let tail: bigint[] = [];
  const dotted = rest.lastIndexOf(':') + 1;
  if (rest.includes('.')) {
    const v4 = parseIpv4(rest.slice(dotted));
    if (v4 === undefined || dotted === 0) return undefined;
    tail = [v4 >> 16n, v4 & 0xffffn];
    rest = rest.slice(0, rest.endsWith('::', dotted) ? dotted : dotted - 1);
  }
  const halves = rest.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string);
  const end = halves.length === 2 ? parseGroups(halves[1] as string) : [];
  if (head === undefined || end === undefined) return undefined;
  const given = head.length + end.length + tail.length;
  if (halves.length === 2 ? given > 7 : given !== 8) return undefined;
  const all = [...head, ...new Array<bigint>(8 - given).fill(0n), ...end, ...tail];
  return all.reduce((value, group) => (value << 16n) | group, 0n);
}

function parseAddress(text: string): Address | undefined {
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (bare.length > 45) return undefined;
  if (!bare.includes(':')) {
    const v4 = parseIpv4(bare);
    return v4 === undefined ? undefined : { bits: 32, value: v4 };
  }
  const v6 = parseIpv6(bare);
  if (v6 === undefined) return undefined;
  return v6 >> 32n === 0xffffn ? { bits: 32, value: v6 & 0xffffffffn } : { bits: 128, value: v6 };
}

/** `10.0.0.0/8`, `::1/128`, or a single address; undefined where it is neither. Bits beyond the prefix are ignored. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { ...address, prefix: address.bits };
  const length = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const mapped = address.bits === 32 && text.slice(0, slash).includes(':') ? 96 : 0;
  const prefix = Number(length) - mapped;
  return prefix >= 0 && prefix <= address.bits ? { ...address, prefix } : undefined;
}

/** Whether an address lies in one of the blocks; what is no address lies in none. */
export function inBlocks(text: string, blocks: readonly Block[]): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  for (const block of blocks) {
    const shift = BigInt(block.bits - block.prefix);
    if (block.bits === address.bits && block.value >> shift === address.value >> shift) return true;
  }
  return false;
}

/**
 * The address of a peer as the system tells it, as people write it: IPv4-mapped IPv6, as sockets for both have it, as IPv4; without a zone
 * (`fe80::1%eth0`), which means something on this machine alone (RFC 4007 §6).
 */
export function plainAddress(text: string): string {
  if (text.startsWith('::ffff:') && text.includes('.')) return text.slice(7);
  const zone = text.indexOf('%');
  return zone < 0 ? text : text.slice(0, zone);
}

/** A host and its port as a URL has them: IPv6 in brackets (RFC 3986 §3.2.2). */
export function hostAndPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
