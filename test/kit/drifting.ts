/** A service that answers what its contract does not know of, and what a gateway says of that. */
import { expect } from 'vitest';
import type { FindingItem } from '../../src/core/views.ts';
import type { GatewayOptions } from './gateway-config.ts';
import { type Origin, startOrigin } from './origin.ts';
import { until } from './until.ts';

interface Running {
  readonly port: number;
  readonly adminUrl: string;
}

export const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'app', version: '1.0.0' },
  paths: {
    '/answers/{status}': {
      get: {
        operationId: 'getAnswer',
        parameters: [{ name: 'status', in: 'path', required: true, schema: { type: 'string' } }],
        responses: { 200: { description: 'the only one that is documented' } },
      },
    },
  },
};

/** Answers with the status that the path asks for. */
export function startDrifting(): Promise<Origin> {
  return startOrigin((req, res) => void res.writeHead(Number(req.url?.split('/').at(-1))).end());
}

export function drifting(origin: Origin, sections: object = {}): GatewayOptions {
  return { upstream: origin.port, openapi: OPENAPI, sections };
}

/** Has a status answered so often. */
export async function drift({ port }: Running, status: number, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const answer = await fetch(`http://127.0.0.1:${port}/answers/${status}`);
    await answer.arrayBuffer();
    if (answer.status !== status) throw new Error(`answered ${answer.status}`);
  }
}

/** By status: `state count`. */
export async function found({ adminUrl }: Running): Promise<Record<string, string>> {
  const { items } = (await (await fetch(`${adminUrl}/api/findings`)).json()) as { readonly items: readonly FindingItem[] };
  return Object.fromEntries(items.map(({ name, state, count }) => [name, `${state} ${count}`]));
}

/** Waits until it is so: what an answer showed is counted a moment after its last byte. */
export async function finds(gateway: Running, expected: Record<string, string>, withinMs?: number): Promise<void> {
  let seen: Record<string, string> = {};
  const isSo = async (): Promise<boolean> => {
    seen = await found(gateway);
    return JSON.stringify(seen, Object.keys(seen).sort()) === JSON.stringify(expected, Object.keys(expected).sort());
  };
  await until(isSo, 'the findings', withinMs).catch(() => undefined);
  expect(seen).toEqual(expected);
}

/** With it goes all that the gateway knows to where it is kept, before it is answered. */
export async function acknowledge({ adminUrl }: Running, status: number): Promise<Response> {
  const { items } = (await (await fetch(`${adminUrl}/api/findings`)).json()) as { readonly items: readonly FindingItem[] };
  const id = items.find(({ name }) => name === String(status))?.id;
  const headers = { 'Content-Type': 'application/json' };
  return fetch(`${adminUrl}/api/findings/${id}/acknowledge`, { method: 'POST', headers, body: JSON.stringify({ note: 'known' }) });
}
