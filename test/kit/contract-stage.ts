import type { Match } from '../../src/core/contract.ts';
import { Issues } from '../../src/core/schema.ts';
import type { Answer, BodyNeed, BodyTap, Copy, End, Stage } from '../../src/core/stage.ts';
import { type ContractConfig, contractSchema } from '../../src/policies/contract/config.ts';
import { contract } from '../../src/policies/contract/stage.ts';
import { type FakeOperation, fakeContract, fakeOperation } from './contract.ts';
import { FakeBody, type FakeDeps, type Given, answerOf, exchange, fakeDeps, routeSpec } from './exchange.ts';

export interface Judged extends Given {
  readonly config?: Partial<ContractConfig>;
  readonly operation?: FakeOperation;
  /** What the contract says of the path and method; the operation unless said otherwise. */
  readonly match?: Match;
  readonly contractMissing?: boolean;
  readonly deps?: FakeDeps;
}

/** One exchange at the contract stage, hook by hook, as the pipeline would call them. */
export function judged(given: Judged = {}) {
  const { operation = fakeOperation(), deps = fakeDeps(), contractMissing = false } = given;
  const config = { ...contractSchema.parse({}, [], new Issues()), ...given.config };
  const known = { operation, params: new Map([['id', '7']]) };
  const route = routeSpec({ contract: contractMissing ? undefined : fakeContract([operation]), contractMissing });
  const stage = contract.compile(config, route, deps) as Stage;
  const body = given.body ?? new FakeBody('ended');
  const { match = known, ...rest } = given;
  const x = exchange({ method: 'POST', target: '/payments', ...rest, body, route, ...(!contractMissing && { match }) });
  const state = stage.open?.(x);
  const refused = (answer: Answer | undefined) => answer?.rejection;
  return {
    x,
    body,
    operation,
    deps,
    request: async () => refused((await stage.onRequest?.(x, state)) ?? undefined),
    need: (answer: Answer = answerOf(200)): BodyNeed => stage.responseBody?.(x, answer, state),
    respond: async (answer: Answer): Promise<Answer> => (await stage.onResponse?.(x, answer, state)) as Answer,
    /** The answer is on its way. */
    answered: (answer: Answer) => Object.assign(x, { answer, headAt: 1 }),
    copy: (side: 'request' | 'response', text: string | undefined, unread?: Copy['unread']): void =>
      void stage.onCopy?.(x, side, { chunks: text === undefined ? undefined : chunks(text), unread, bytes: text?.length ?? 0 }, state),
    finish: (end: End = 'complete') => stage.onFinish?.(x, end, state),
    checks: () => deps.meter.series('contract_checks_total'),
    violations: () => deps.meter.value('contract_violations_total'),
  };
}

/** The row of `contract_checks_total` for one verdict. */
export function checked(side: 'request' | 'response', outcome: string, operation = 'createPayment') {
  const [is, reason = ''] = outcome.split(' ');
  return { [`direction=ingress,api=billing,operation=${operation},side=${side},outcome=${is},reason=${reason}`]: 1 };
}

export const chunks = (text: string): Uint8Array[] => [Buffer.from(text)];

/** Who looks on, where a stage wants to. */
export function tapOf(need: BodyNeed): BodyTap {
  if (need?.as !== 'tap') throw new Error('no tap');
  return need.tap;
}
