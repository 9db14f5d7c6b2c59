import { expect, test } from 'vitest';
import { operationKey, type FromWorker, type ToWorker } from '../adapters/check-pool/messages.ts';
import { serveChecks } from '../adapters/check-pool/serve.ts';
import { contractOf } from '../contracts/openapi/testing.ts';
import type { WebhookNaming } from '../core/contract.ts';

const hook = (required: string) => ({
  post: {
    requestBody: { content: { 'application/json': { schema: { type: 'object', required: [required] } } } },
    responses: { 200: { description: 'taken' } },
  },
});

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'T', version: '1' },
  paths: {},
  webhooks: { 'issues-opened': hook('issue'), 'issues-closed': hook('reason'), push: hook('ref') },
};

test.each<readonly [naming: WebhookNaming, event: string, body: string, pointer: string]>([
  [{ name: 'push' }, '', '{}', '/ref'],
  [{ header: 'x-event', pointer: undefined }, 'push', '{}', '/ref'],
  [{ header: 'x-event', pointer: '/action' }, 'issues', '{"action":"closed"}', '/reason'],
  [{ header: undefined, pointer: '/type' }, '', '{"type":"issues.opened"}', '/issue'],
])('the worker judges webhooks as they are named: %j', async (naming, event, text, pointer) => {
  const contract = await contractOf(DOCUMENT);
  const headers = ['X-Event', event, 'Content-Type', 'application/json', 'Content-Length', String(text.length)];
  const match = contract.webhooks?.named(naming).match('POST', '/', headers);
  if (match === undefined || !('operation' in match)) throw new Error('no match');

  const answers: FromWorker[] = [];
  const { promise: loaded, resolve } = Promise.withResolvers<void>();
  let ask: (message: ToWorker) => void = () => undefined;
  const port = {
    on: (_: string, fn: (message: ToWorker) => void) => {
      ask = fn;
      return port;
    },
    postMessage: (message: FromWorker) => {
      answers.push(message);
      if (message.is === 'loaded') resolve();
    },
  };
  serveChecks(() => contractOf(DOCUMENT), port as never);
  ask({ do: 'load', contract: 1, documents: { digest: contract.digest } as never });
  await loaded;
  const bytes = new Uint8Array(Buffer.from(text));
  const request = { method: 'POST', path: '/', query: '', headers };
  const body = {
    operation: operationKey(match.operation),
    webhooks: naming,
    side: 'request',
    request,
    response: undefined,
    bytes,
    wantsDrift: false,
  } as const;
  ask({ do: 'judge', contract: 1, body });
  expect(answers.at(-1)).toMatchObject({
    is: 'judged',
    checked: { outcome: { is: 'invalid', violations: [{ rule: 'required', pointer }] } },
  });
});
