/** How callers say how long they wait, each in its own format (semantics DL-1). All give whole milliseconds, or undefined where malformed. */

/** 24 days: beyond it Node's timers overflow, and nobody waits so long. */
const MAX_MS = 2 ** 31 - 1;

function positive(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value > 0 ? Math.min(value, MAX_MS) : undefined;
}

const GRPC_UNITS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** `300m`: at most 8 digits and a unit (gRPC over HTTP2, "Timeout"). Less than a millisecond counts as one. */
function grpcTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  if (match === null) return undefined;
  const ms = Number(match[1]) * (GRPC_UNITS[match[2] as string] as number);
  return ms > 0 ? Math.min(Math.max(1, Math.floor(ms)), MAX_MS) : undefined;
}

/** Reads the value of a timeout header, whose lower-case name tells the format; everything but `grpc-timeout` is a positive integer. */
export function timeoutMs(header: string, value: string): number | undefined {
  return header === 'grpc-timeout' ? grpcTimeout(value) : positive(value);
}
