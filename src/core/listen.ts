import type { AddressInfo, Server } from 'node:net';

/** Every address of the machine: one socket for IPv6 and IPv4, whatever the system does by default (`net.ipv6.bindv6only`). */
export const EVERY_ADDRESS = '::';

/** Where a server listens. */
export interface Endpoint {
  /** Undefined: nobody named one. It is `::` then, or 0.0.0.0 where the system has no IPv6. */
  readonly host: string | undefined;
  /** 0: any free one. */
  readonly port: number;
}

/**
 * Opens the port; resolves with what was bound, rejects with the system's error. That a host which nobody named falls back to IPv4 is of Node's making
 * (`server.listen` without `host`): it knows before it listens whether the system lets `::` be bound. A host that was named is that or nothing.
 */
export function listenAt(server: Server, { host, port }: Endpoint): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}
