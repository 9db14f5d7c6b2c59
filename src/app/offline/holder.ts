import { Exchange, type RequestHead, UNKNOWN_CONSUMER } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Observer } from '../../core/ports.ts';
import type { Answer } from '../../core/stage.ts';
import type { RecordedExchange } from '../../observation/traffic/recorded.ts';
import { upstreamPath } from '../../pipeline/target.ts';
import { contract as contractPolicy } from '../../policies/contract/stage.ts';
import { findConsumer } from '../../policies/identity/consumer.ts';
import { requestFields, responseFields } from './framing.ts';
import type { Lane } from './lane.ts';
import { quietDeps } from './quiet-deps.ts';
import { OfflineBody, copyOf, show } from './recorded-body.ts';

/** The request of a recorded exchange, as a gateway would have read it. */
export function headOf(recorded: RecordedExchange): RequestHead {
  const { method, path, query, scheme } = recorded;
  const headers = requestFields(recorded);
  const target = query === '' ? path : `${path}?${query}`;
  return { method, target, path, query, headers, httpVersion: '1.1', scheme, upgrade: headerValue(headers, 'upgrade') };
}

type ContractStage = NonNullable<ReturnType<typeof contractPolicy.compile>>;

/** Nobody spoofs what has been recorded: whoever names a consumer is believed. */
const PEER = { address: '', trusted: true };

/**
 * Holds recorded exchanges against the contract of a route, as the gateway would have done: the very stage of the data path judges them, in report
 * mode. What is found goes to the observer.
 */
export class Holder {
  readonly #lane: Lane;
  readonly #stage: ContractStage;
  #at = 0;

  /** `onSkipped`: told of each side of an exchange of which there is no verdict, with the reason. */
  constructor(lane: Lane, observer: Observer, onSkipped: (reason: string) => void) {
    this.#lane = lane;
    this.#stage = contractPolicy.compile(
      lane.config,
      lane.spec,
      quietDeps({ observer, wallMs: () => this.#at, onSkipped }),
    ) as ContractStage;
  }

  /** The exchange as it is after its end, with what was found on it. `head`: as `headOf` gives it. */
  async hold(recorded: RecordedExchange, head: RequestHead): Promise<Exchange> {
    this.#at = recorded.at;
    const stage = this.#stage;
    const body = new OfflineBody(recorded.requestBody);
    const x = this.#opened(head, body);
    const state = stage.open(x);
    await stage.onRequest(x, state);
    const requestCopy = body.goBy();
    const answer: Answer = {
      origin: 'upstream',
      status: recorded.status,
      headers: responseFields(recorded),
      body: 'stream',
      unread: undefined,
      rejection: undefined,
    };
    const need = stage.responseBody(x, answer, state);
    x.answer = await stage.onResponse(x, answer, state);
    x.headAt = 0;
    if (requestCopy !== undefined) await stage.onCopy(x, 'request', requestCopy, state);
    if (need?.as === 'tap') show(recorded.responseBody, need.tap);
    else if (need !== undefined) await stage.onCopy(x, 'response', copyOf(recorded.responseBody), state);
    x.end = 'complete';
    x.endedAt = 0;
    stage.onFinish(x, 'complete', state);
    return x;
  }

  #opened(head: RequestHead, body: OfflineBody): Exchange {
    const { spec, stripPrefix, consumers } = this.#lane;
    const judgedPath = upstreamPath(head.path, stripPrefix);
    const match = spec.contract?.match(head.method, judgedPath, head.headers);
    const x = new Exchange(head, body, PEER, spec, match, 0);
    x.judgedPath = judgedPath;
    x.consumer = findConsumer(x, consumers) ?? UNKNOWN_CONSUMER;
    return x;
  }
}
