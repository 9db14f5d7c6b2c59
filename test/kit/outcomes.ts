/** Requests whose outcome gets lost, and the ledger that tells of them. */
import type { OutcomeItem } from '../../src/core/views.ts';
import { type Origin, startOrigin } from './origin.ts';
import { until } from './until.ts';

export async function listed(adminUrl: string, query = ''): Promise<readonly OutcomeItem[]> {
  const answer = await fetch(`${adminUrl}/api/outcomes${query}`);
  return ((await answer.json()) as { readonly items: readonly OutcomeItem[] }).items;
}

export const one = (gateway: { readonly adminUrl: string }): Promise<OutcomeItem> =>
  until(async () => (await listed(gateway.adminUrl))[0], 'an entry in the ledger');

export const settle = (adminUrl: string, id: string, body: object): Promise<Response> =>
  fetch(`${adminUrl}/api/outcomes/${id}/settle`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Answers nothing, ever. */
export const startSilent = (): Promise<Origin> => startOrigin(async (_req, _res, whole) => void (await whole()));
export const post = (method = 'POST', more: readonly string[] = []): string[] => [
  `${method} /v1/payments?card=4111 HTTP/1.1`,
  'Host: x',
  'X-Request-ID: r-1',
  'X-Consumer-Name: shop',
  'X-Consumer-Version: 1.2',
  'Content-Length: 2',
  ...more,
];

/** A route on which a try ends soon. */
export const ATTEMPT = { policies: { deadline: { attempt: '50ms' } } };
