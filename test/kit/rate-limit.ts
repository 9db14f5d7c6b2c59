import { expect } from 'vitest';
import { forwardHeaders } from '../../src/core/edits.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { type RawHeaders, headerValue } from '../../src/core/headers.ts';
import { Issues } from '../../src/core/schema.ts';
import type { Answer, Maybe, Stage } from '../../src/core/stage.ts';
import { rateLimitSchema } from '../../src/policies/rate-limit/config.ts';
import { rateLimit } from '../../src/policies/rate-limit/stage.ts';
import { type FakeDeps, exchange, fakeDeps, routeSpec } from './exchange.ts';

/** Limits as they are written in a file. */
export function limited(limits: readonly object[], deps = fakeDeps()) {
  const issues = new Issues();
  const config = rateLimitSchema.parse(limits, [], issues);
  expect(issues.list).toEqual([]);
  const stage = rateLimit.compile(config, routeSpec(), deps) as Stage;
  const open = (name = 'shop'): Exchange => {
    const x = exchange({ startedAt: deps.clock.monotonicMs() });
    x.consumer = { name, version: '' };
    return x;
  };
  const ask = (x: Exchange): Maybe<Answer | undefined> => stage.onRequest?.(x, undefined);
  /** One request, decided at once. */
  const send = (name?: string): Sent => {
    const x = open(name);
    return seen(x, ask(x) as Answer | undefined);
  };
  const sendLate = async (name?: string): Promise<Sent> => {
    const x = open(name);
    const asked = ask(x);
    expect(asked).toBeInstanceOf(Promise);
    return seen(x, await asked);
  };
  return { ...deps, deps, stage, send, sendLate, open, ask };
}

/** What the caller gets of it, as far as limits have a say. */
export interface Sent {
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string;
  readonly headers: RawHeaders;
  readonly of: (name: string) => string | undefined;
}

function seen(x: Exchange, refused: Answer | undefined): Sent {
  const headers = forwardHeaders(refused?.rejection?.headers ?? [], x.responseEdits);
  return {
    status: refused?.status ?? 200,
    code: refused?.rejection?.code,
    detail: refused?.rejection?.detail ?? '',
    headers,
    of: (name) => headerValue(headers, name),
  };
}

/** Five at once, then one in 12 s. */
export const SLOW = { name: 'per-consumer', rate: 5, per: '60s', burst: 5 };

/** All decisions that were counted. */
export function decisions(deps: FakeDeps): Record<string, number> {
  return deps.meter.series('rate_limit_decisions_total');
}

/** How `decisions` calls one. */
export function counted(policy: string, decision: string, consumer = 'shop'): string {
  return `api=billing,policy=${policy},consumer=${consumer},decision=${decision}`;
}
