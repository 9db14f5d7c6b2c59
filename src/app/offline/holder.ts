import type { Contract } from '../../core/contract.ts';
import { Exchange, type RequestHead, UNKNOWN_CONSUMER } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Observer } from '../../core/ports.ts';
import type { Answer, Stage } from '../../core/stage.ts';
import type { RecordedBody, RecordedExchange } from '../../observation/traffic/recorded.ts';
import type { ContractConfig } from '../../policies/contract/config.ts';
import { contract as contractPolicy } from '../../policies/contract/stage.ts';
import { findConsumer } from '../../policies/identity/consumer.ts';
import { quietDeps } from './quiet-deps.ts';
import { OfflineBody, copyOf, show } from './recorded-body.ts';

/** As without a configuration (HD-2). */
const CONSUMERS = [{ from: 'header', header: 'x-consumer-name', version: 'x-consumer-version' }, { from: 'userAgent' }] as const;

const BODILESS: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * Holds recorded exchanges against a contract, as the gateway would have done: the very stage of the data path judges them, in report mode. What
 * is found goes to the observer.
 */
export class Holder {
  readonly #contract: Contract;
  readonly #route: RouteSpec;
  // `any`: the state of a stage is its own; it is handed back without a look.
  readonly #stage: Stage<any>;
  #at = 0;

  constructor(contract: Contract, config: ContractConfig, observer: Observer) {
    this.#contract = contract;
    this.#route = {
      name: contract.name,
      listener: 'recording',
      direction: 'ingress',
      api: contract.name,
      unmatchedOperation: '_unmatched',
      contract,
      contractMissing: false,
      upstream: '',
    };
    this.#stage = contractPolicy.compile(
      config,
      this.#route,
      quietDeps(observer, () => this.#at),
    ) as Stage<any>;
  }

  /** The exchange as it is after its end, with what was found on it. */
  async hold(recorded: RecordedExchange): Promise<Exchange> {
    this.#at = recorded.at;
    const { method, path, query, requestHeaders: headers, scheme, requestBody } = recorded;
    const target = query === '' ? path : `${path}?${query}`;
    const head: RequestHead = {
      method,
      target,
      path,
      query,
      headers,
      httpVersion: '1.1',
      scheme,
      upgrade: headerValue(headers, 'upgrade'),
    };
    const body = new OfflineBody(requestBody);
    const x = new Exchange(head, body, { address: '', trusted: true }, this.#route, this.#contract.match(method, path, headers), 0);
    x.consumer = findConsumer(x, CONSUMERS) ?? UNKNOWN_CONSUMER;
    const state: unknown = this.#stage.open?.(x);
    await this.#stage.onRequest?.(x, state);
    const requestCopy = body.goBy();
    const answer: Answer = {
      origin: 'upstream',
      status: recorded.status,
      headers: responseHeaders(recorded),
      body: 'stream',
      unread: undefined,
      rejection: undefined,
    };
    const need = this.#stage.responseBody?.(x, answer, state);
    x.answer = (await this.#stage.onResponse?.(x, answer, state)) ?? answer;
    x.headAt = 0;
    if (requestCopy !== undefined) await this.#stage.onCopy?.(x, 'request', requestCopy, state);
    const { responseBody } = recorded;
    if (need?.as === 'tap') show(responseBody, need.tap);
    else if (need !== undefined) await this.#stage.onCopy?.(x, 'response', copyOf(responseBody), state);
    x.end = 'complete';
    x.endedAt = 0;
    this.#stage.onFinish?.(x, 'complete', state);
    return x;
  }
}

/** Of a body that is not there the wire would have said so: recordings leave lengths out. */
function responseHeaders({ method, status, responseHeaders: headers, responseBody }: RecordedExchange): readonly string[] {
  return isMissing(responseBody) && method !== 'HEAD' && !BODILESS.has(status) ? [...headers, 'Content-Length', '0'] : headers;
}

function isMissing(body: RecordedBody): boolean {
  return body === 'absent' || (typeof body !== 'string' && body.byteLength === 0);
}
