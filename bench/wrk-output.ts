/** What one measurement of a load generator says. Latencies are of whole requests, as the client saw them. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Connections that failed or broke, timeouts. */
  readonly socketErrors: number;
  /** Answers that were not 2xx. */
  readonly badAnswers: number;
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** What `wrk --latency` prints. @throws where it is something else. */
export function parseWrk(text: string): Load {
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)?.slice(1) ?? [];
  return {
    requests: Number(find(text, /^\s*(\d+) requests in /m)),
    perSecond: Number(find(text, /^Requests\/sec:\s+([\d.]+)/m)),
    p50Ms: duration(find(text, /^\s*50%\s+(\S+)/m)),
    p99Ms: duration(find(text, /^\s*99%\s+(\S+)/m)),
    socketErrors: socketErrors.reduce((sum, n) => sum + Number(n), 0),
    badAnswers: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
  };
}

/** What `autocannon --json` prints. @throws where it is something else. */
export function parseAutocannon(text: string): Load {
  const said = JSON.parse(text) as {
    readonly requests: { readonly total: number; readonly average: number };
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly errors: number;
    readonly timeouts: number;
    readonly non2xx: number;
  };
  return {
    requests: said.requests.total,
    perSecond: said.requests.average,
    p50Ms: said.latency.p50,
    p99Ms: said.latency.p99,
    socketErrors: said.errors + said.timeouts,
    badAnswers: said.non2xx,
  };
}

function find(text: string, what: RegExp): string {
  const found = what.exec(text)?.[1];
  if (found === undefined) throw new Error(`the load generator said something unexpected (${what}): ${text.slice(0, 400)}`);
  return found;
}

function duration(text: string): number {
  const parts = /^([\d.]+)(us|ms|s|m|h)$/.exec(text);
  if (parts === null) throw new Error(`not a duration: ${text}`);
  return Number(parts[1]) * (UNIT_MS[parts[2] as string] as number);
}
