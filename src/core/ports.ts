import type { ContractSkew } from './contract-skew.ts';
import type { Drift } from './drift.ts';
import type { Attempt, Exchange, Finding } from './exchange.ts';
import type { RawHeaders } from './headers.ts';
import type { Rejection, RejectionCode } from './rejection.ts';
import type { Span, SpanRef } from './span.ts';
import type { Answer } from './stage.ts';

/** Time. Everything that measures takes `monotonicMs`; only what is shown to people takes `wallMs`. */
export interface Clock {
  /** Milliseconds since an arbitrary instant, never set back; with fractions. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  wallMs(): number;
}

export interface Timer {
  cancel(): void;
}

export interface Timers {
  /** Calls `fn` once, not before `ms` milliseconds and at most a tick (8 ms) later. */
  after(ms: number, fn: () => void): Timer;
}

export interface Random {
  /** `bytes` random bytes in lower-case hexadecimal. */
  hex(bytes: number): string;
  /** Evenly spread over 0 (inclusive) to 1 (exclusive). */
  unit(): number;
  /** A UUID of version 7 (RFC 9562 §5.7). */
  uuid(): string;
}

/** How much the process has to do at the moment. */
export interface Load {
  /** How late the event loop ran at worst within the last half second, milliseconds. */
  lagMs(): number;
  /** Exchanges that have begun and not ended, over all listeners. */
  inFlight(): number;
}

export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One JSON line an exchange. */
export interface AccessLog {
  write(line: AccessLine): void;
}

/** The fields of the access log, in the order in which they are written (configuration.md): there are no others. */
export interface AccessLine {
  readonly direction: string;
  readonly route: string;
  readonly api: string;
  readonly contract_version: string;
  readonly operation: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly code: string;
  readonly origin: string;
  readonly consumer: string;
  readonly consumer_version: string;
  readonly request_id: string;
  readonly correlation_id: string;
  readonly causation_id: string;
  readonly trace_id: string;
  readonly span_id: string;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly attempts: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly peer: string;
  readonly violations: number;
  readonly flags: readonly string[];
  /** Why the gateway answered by itself (ER-2: the log says all); empty where it did not, and then left out. */
  readonly detail: string;
}

/** What is to be done when nobody waits for it any more. */
export interface Afterwork {
  add(task: Task): void;
}

export interface Task {
  /** Must not throw. */
  work(): void;
}

/** Where spans go when they have ended. Never throws, never waits, keeps a bounded number; what it gives up is counted. */
export interface Tracer {
  record(span: Span): void;
}

/** A mutation of which nobody knows whether the upstream carried it out: something of it was sent, and no answer came (F7). */
export interface UnknownOutcome {
  /** Why nobody knows: a code of the error model, or `LOCK_LAPSED`. */
  readonly reason: RejectionCode | 'LOCK_LAPSED';
  /** SHA-256 of the idempotency key and its scope, hexadecimal; empty where there was none. Never the key itself. */
  readonly keyHash: string;
}

/** A run under an idempotency key that was answered after its lock had lapsed: others had been told that nobody knows of it. */
export interface LateAnswer {
  readonly keyHash: string;
  /** Of the upstream's answer. */
  readonly status: number;
}

/** Two writes that both succeeded on one version of a resource: the second has overwritten the first (PC-2). */
export interface LostUpdate {
  /** SHA-256 of target and entity tag, hexadecimal: tells findings apart, shows neither. */
  readonly id: string;
  /** Request ID of the write that was overwritten. */
  readonly overwritten: string;
}

/** Who is told of what was found. Must never throw and never wait. */
export interface Observer {
  violation(x: Exchange, finding: Finding): void;
  unknownOutcome(x: Exchange, outcome: UnknownOutcome): void;
  outcomeKnown(answer: LateAnswer): void;
  lostUpdate(x: Exchange, found: LostUpdate): void;
  contractSkew(x: Exchange, found: ContractSkew): void;
  /** False: nobody keeps findings, and nothing need be spent on looking for them. */
  readonly wantsDrift: boolean;
  drift(x: Exchange, found: Drift): void;
}

export interface Counter {
  inc(by?: number): void;
}
export interface Gauge {
  set(value: number): void;
  inc(by?: number): void;
  dec(by?: number): void;
}
export interface Histogram {
  /** `exemplar`: a span that is exported; the bucket shows the last one that it was told. Its texts are copied. */
  observe(value: number, exemplar?: SpanRef): void;
}

/** A family of series. `with` gives the child of these label values, in the order of `labels`; children are cheap to keep. */
export interface Family<Child, L extends readonly string[] = readonly string[]> {
  with(...values: { readonly [K in keyof L]: string }): Child;
  /** Takes away a series that tells of what is no more: of a contract that was replaced. Nothing where there is none. */
  remove(...values: { readonly [K in keyof L]: string }): void;
}

/** What every metric has. `name` without the prefix `plumbline_`; counters end in `_total`; units are base units. */
interface Described<L extends readonly string[]> {
  readonly name: string;
  readonly help: string;
  readonly labels: L;
}
export interface CounterSpec<L extends readonly string[] = readonly string[]> extends Described<L> {
  readonly type: 'counter';
}
export interface GaugeSpec<L extends readonly string[] = readonly string[]> extends Described<L> {
  readonly type: 'gauge';
}
export interface HistogramSpec<L extends readonly string[] = readonly string[]> extends Described<L> {
  readonly type: 'histogram';
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/** What a metric is: data, so that the reference page is made of the same values as the registry. */
export type MetricSpec = CounterSpec | GaugeSpec | HistogramSpec;

/**
 * The registry. Asking twice for one name gives the same family; label values beyond the limits fold to `_other` and are counted.
 * A family without labels is born at 0, one with labels when `with` is first called.
 */
export interface Meter {
  counter<const L extends readonly string[]>(spec: CounterSpec<L>): Family<Counter, L>;
  gauge<const L extends readonly string[]>(spec: GaugeSpec<L>): Family<Gauge, L>;
  histogram<const L extends readonly string[]>(spec: HistogramSpec<L>): Family<Histogram, L>;
}

/** A request body as the upstream port takes it: pushed, with back-pressure. */
export interface BodySource {
  /** Bytes that will come, where the client announced them; else the body is sent chunked. */
  readonly length: number | undefined;
  /** Starts the flow. May call the sink before it returns. */
  start(sink: BodySink): void;
  /** After `write` returned false: the sink can take more. */
  resume(): void;
}

export interface BodySink {
  /** False: stop until `resume` is called. */
  write(chunk: Uint8Array): boolean;
  end(): void;
}

/** What the upstream port tells. After `onEnd`, `onBroken` or `onUpgrade` nothing follows; after `abort()` neither comes. */
export interface UpstreamSink {
  /** An interim answer (1xx but 101). */
  onInfo(status: number, headers: RawHeaders): void;
  onHead(answer: Answer): void;
  onData(chunk: Uint8Array): void;
  onEnd(trailers: RawHeaders): void;
  onBroken(r: Rejection): void;
  /** The upstream changed to the protocol that was asked for (101): from here on `channel` carries its bytes (RFC 9110 §7.8). */
  onUpgrade(answer: Answer, channel: ByteChannel): void;
}

/**
 * One side of a connection that speaks another protocol now. Nothing is read, and no event comes, before `listen`.
 * Each direction ends by itself: a FIN is passed on and the other half goes on.
 */
export interface ByteChannel {
  listen(events: ByteChannelEvents): void;
  /** False: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  /** No more will be written: the peer sees a FIN after what was written. */
  end(): void;
  pause(): void;
  resume(): void;
  /** Breaks the connection at once; `onClosed` follows. */
  destroy(): void;
}

export interface ByteChannelEvents {
  /** `chunk` belongs to the listener from here on. */
  onData(chunk: Uint8Array): void;
  /** The peer sends no more. */
  onEnd(): void;
  onDrain(): void;
  /** Exactly once, last: both directions are over, or the connection broke. */
  onClosed(how: 'ended' | 'broken'): void;
}

export interface UpstreamCall {
  pause(): void;
  resume(): void;
  /** Gives the exchange with the upstream up at once. */
  abort(): void;
}

export interface UpstreamRequest {
  readonly method: string;
  /** Origin-form with query (RFC 9112 §3.2.1). */
  readonly target: string;
  readonly headers: string[];
  readonly body: Uint8Array | BodySource | undefined;
  /** Value of `Upgrade` to send, with the `Connection` that belongs to it; undefined: none. */
  readonly upgrade: string | undefined;
}

/** The way to one upstream. Sets `sent`, `sentAt` and `reused` of the attempt. Never throws, and never calls the sink before `send` has returned. */
export interface Upstream {
  send(request: UpstreamRequest, t: Attempt, to: UpstreamSink): UpstreamCall;
}

/** Who listens to the client's side of one exchange. */
export interface DownstreamEvents {
  onBodyData(chunk: Uint8Array): void;
  onBodyEnd(): void;
  /** The client's connection can take more. */
  onDrain(): void;
  /** The answer has wholly been handed to the system. */
  onFlushed(): void;
  /** What came on of the body is not HTTP/1.1 (a chunk, a trailer): the rest of the connection can't be read. `onGone` does not follow by itself. */
  onMalformed(r: Rejection): void;
  /** The client is gone, or is leaving: no answer will reach it. */
  onGone(): void;
}

/** The client's side of one exchange, as the pipeline sees it. */
export interface Downstream {
  /** Whether a body was announced; `length` is undefined where it is chunked. */
  readonly hasBody: boolean;
  readonly bodyLength: number | undefined;
  /** The client waits for a 100 before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  listen(events: DownstreamEvents): void;
  readBody(): void;
  pauseBody(): void;
  writeContinue(): void;
  writeInfo(status: number, headers: RawHeaders): void;
  writeHead(status: number, headers: readonly string[]): void;
  /** False: wait for `onDrain`. */
  write(chunk: Uint8Array): boolean;
  /** Head and body in one piece where the whole answer is here. */
  answer(status: number, headers: readonly string[], body: Uint8Array): void;
  end(trailers: RawHeaders | undefined): void;
  /** Writes the 101 and hands the connection over; no other call and no event of `DownstreamEvents` follows. */
  upgrade(headers: readonly string[]): ByteChannel;
  /** Breaks the connection: the client must not take what it has for the whole. */
  abort(): void;
}
