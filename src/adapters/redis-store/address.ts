/** Where a Redis is, and who we are to it. */
export interface RedisAddress {
  readonly tls: boolean;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** What `AUTH` is given; empty: nothing is said. */
  readonly credentials: readonly string[];
  readonly db: number;
}

/** Of a URL that the configuration has found good: `redis[s]://[user][:password]@host[:port][/db]`. */
export function redisAddress(text: string): RedisAddress {
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  return {
    tls: protocol === 'rediss:',
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6379 : Number(port),
    credentials: secret === '' ? [] : user === '' ? [secret] : [user, secret],
    db: Number(pathname.slice(1)),
  };
}
