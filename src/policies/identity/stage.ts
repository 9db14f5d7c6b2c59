import type { TokenVerdict } from '../../core/credentials.ts';
import { type Exchange, UNKNOWN_CONSUMER } from '../../core/exchange.ts';
import { type RawHeaders, fieldName, headerList, headerValue } from '../../core/headers.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Family, Random } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Maybe, type Policy, type Stage, refuse } from '../../core/stage.ts';
import type { ConsumerSource, IdentityConfig } from './config.ts';
import { findConsumer } from './consumer.ts';
import { setForwarded } from './forwarded.ts';
import { TokenCheck } from './tokens/token-check.ts';

const ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** Entries of Plumblines in Via beyond which a request goes in circles (HD-3). */
const MAX_HOPS = 20;
/** Names of dropped fields are the caller's to invent: this many get a series of their own. */
const MAX_DROPPED_NAMES = 50;
/** Fields that only a trusted peer may set (HD table). `x-request-timeout-ms` is seen to by `deadline`. */
const PEERS_ONLY: ReadonlySet<string> = new Set(['x-retry-attempt', 'x-plumbline-overloaded', 'x-plumbline-no-retry']);

const NUMBERS = ['x-request-id', 'x-correlation-id', 'x-causation-id'] as const;

/** Who asks, under which numbers, by which way (semantics HD). */
class Identity implements Stage<void> {
  readonly name = 'identity';
  readonly #config: IdentityConfig;
  readonly #direction: RouteSpec['direction'];
  readonly #random: Random;
  readonly #dropped: Family<Counter, readonly ['header']>;
  readonly #droppedNames: Set<string>;
  readonly #pseudonym: string;
  /** Fields that name the consumer: theirs to say only for trusted peers. */
  readonly #consumerFields: ReadonlySet<string>;
  /** Undefined where access tokens are not verified. */
  readonly #tokens: TokenCheck | undefined;
  /** Sources of the consumer before the first that needs the token; undefined: none needs it. */
  readonly #beforeToken: readonly ConsumerSource[] | undefined;

  constructor(
    config: IdentityConfig,
    direction: RouteSpec['direction'],
    tokens: TokenCheck | undefined,
    random: Random,
    dropped: Family<Counter, readonly ['header']>,
    droppedNames: Set<string>,
    pseudonym: string,
  ) {
    this.#config = config;
    this.#direction = direction;
    this.#tokens = tokens;
    const needsToken = config.consumer.findIndex(({ from }) => from === 'jwt');
    this.#beforeToken = needsToken < 0 ? undefined : config.consumer.slice(0, needsToken);
    this.#random = random;
    this.#dropped = dropped;
    this.#droppedNames = droppedNames;
    this.#pseudonym = pseudonym;
    const fields = ['x-consumer-name', 'x-consumer-version'];
    for (const source of config.consumer) {
      if (source.from === 'header') fields.push(source.header, ...(source.version === undefined ? [] : [source.version]));
    }
    this.#consumerFields = new Set(fields);
    for (const name of [...PEERS_ONLY, ...NUMBERS, ...fields]) dropped.with(name);
  }

  onRequest(x: Exchange): Answer | undefined {
    this.#numbers(x);
    if (this.#tokens === undefined) return this.#introduced(x, undefined);
    const verdict = this.#tokens.of(x);
    if (this.#config.judged) keep(x, verdict);
    if (!(verdict instanceof Promise)) return this.#introduced(x, verdict);
    // Whoever needs the verdict waits for it: `naming`, where nothing before it says who asks.
    if (this.#beforeToken !== undefined && findConsumer(x, this.#beforeToken) === undefined) x.naming = verdict;
    return this.#introduced(x, undefined);
  }

  #introduced(x: Exchange, token: TokenVerdict | undefined): Answer | undefined {
    x.consumer = findConsumer(x, this.#config.consumer, token) ?? UNKNOWN_CONSUMER;
    this.#dropReserved(x);
    setForwarded(x);
    return this.#via(x);
  }

  onResponse(x: Exchange, answer: Answer): Answer {
    const via = headerList(answer.headers, 'via');
    if (via !== undefined) x.responseEdits.set('Via', `${via}, 1.1 ${this.#pseudonym}`);
    return answer;
  }

  #numbers(x: Exchange): void {
    const { headers } = x.request;
    const believed = this.#config.ids === 'anyone' || x.peer.trusted;
    const given = this.#id(headers, 'x-request-id', believed);
    const correlation = this.#id(headers, 'x-correlation-id', believed);
    const causation = this.#id(headers, 'x-causation-id', true);
    x.requestId = given ?? this.#random.uuid();
    x.correlationId = correlation ?? x.requestId;
    // On egress the ID that the app passed on is that of the request which made it call: the cause of this one.
    const cause = this.#direction === 'egress' ? given : undefined;
    x.causationId = cause ?? causation ?? '';
    x.requestEdits.set('X-Request-ID', x.requestId);
    x.requestEdits.set('X-Correlation-ID', x.correlationId);
    if (x.causationId !== '') x.requestEdits.set('X-Causation-ID', x.causationId);
    else x.requestEdits.remove('x-causation-id');
    x.responseEdits.set('X-Request-ID', x.requestId);
    x.responseEdits.set('X-Correlation-ID', x.correlationId);
  }

  #id(headers: RawHeaders, lower: string, believed: boolean): string | undefined {
    const value = headerValue(headers, lower);
    if (value === undefined) return undefined;
    if (believed && ID.test(value)) return value;
    this.#count(lower);
    return undefined;
  }

  #dropReserved(x: Exchange): void {
    const { headers } = x.request;
    for (let i = 0; i < headers.length; i += 2) {
      const { lower, reserved } = fieldName(headers[i] as string);
      const theirs = PEERS_ONLY.has(lower);
      const drop = x.peer.trusted ? reserved && !theirs : reserved || theirs || this.#consumerFields.has(lower);
      if (drop) {
        x.requestEdits.remove(lower);
        this.#count(lower);
      } else if (theirs) {
        x.requestEdits.remove(lower); // ours to write, for each try
      }
    }
  }

  #count(name: string): void {
    const known = this.#droppedNames.has(name);
    if (!known && this.#droppedNames.size < MAX_DROPPED_NAMES) this.#droppedNames.add(name);
    this.#dropped.with(this.#droppedNames.has(name) ? name : '_other').inc();
  }

  /** Adds our entry both ways; finds out whether the request has been here before (HD-3, RFC 9110 §7.6.3). */
  #via(x: Exchange): Answer | undefined {
    const via = headerList(x.request.headers, 'via');
    const entry = `${x.request.httpVersion} ${this.#pseudonym}`;
    x.requestEdits.set('Via', via === undefined ? entry : `${via}, ${entry}`);
    x.responseEdits.set('Via', `1.1 ${this.#pseudonym}`);
    if (via === undefined || !via.includes('plumbline-')) return undefined;
    if (via.includes(this.#pseudonym)) return refuse(LOOP);
    return via.split('plumbline-').length - 1 > MAX_HOPS ? refuse(LOOP) : undefined;
  }
}

/** For those inside: the verdict, as soon as it is there. */
function keep(x: Exchange, verdict: Maybe<TokenVerdict>): void {
  x.credentials = verdict;
  if (verdict instanceof Promise)
    void verdict.then((late) => {
      x.credentials = late;
    });
}

const LOOP = rejection('PROXY_LOOP', 'the request has passed this gateway before');

export const identity = {
  name: 'identity',
  compile: (config, route, deps) =>
    new Identity(
      config,
      route.direction,
      config.tokens && new TokenCheck(config.tokens, deps),
      deps.random,
      deps.meter.counter(coreMetrics.untrusted),
      deps.live('identity:dropped-names', () => new Set<string>()),
      deps.live(`identity:via:${route.listener}`, () => `plumbline-${deps.random.hex(4)}`),
    ),
} satisfies Policy<'identity', IdentityConfig>;
