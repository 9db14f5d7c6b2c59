import { type Server, createServer } from 'node:net';
import { constants, networkInterfaces } from 'node:os';

/** Whether this machine can be asked at `::1`; containers often cannot. */
export const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

/** What Node asks the system by: `node:net` keeps it to itself. */
interface Tcp {
  bind6(address: string, port: number, flags: number): number;
}

/** Plays a kernel without IPv6, as `ipv6.disable=1` makes one: none of its addresses can be bound. */
export async function withoutIpv6<T>(run: () => Promise<T>): Promise<T> {
  const server = createServer() as Server & { readonly _handle: object };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tcp = Object.getPrototypeOf(server._handle) as Tcp;
  await new Promise((resolve) => server.close(resolve));
  const { bind6 } = tcp;
  tcp.bind6 = () => -constants.errno.EAFNOSUPPORT;
  try {
    return await run();
  } finally {
    tcp.bind6 = bind6;
  }
}
