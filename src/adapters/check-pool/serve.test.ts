import { expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import type { Drift } from '../../core/drift.ts';
import { type FromWorker, operationKey } from './messages.ts';
import { serveChecks } from './serve.ts';

const STRANGE: Drift = {
  kind: 'undocumented_field',
  side: 'request',
  location: 'body',
  pointer: '/x',
  specPointer: '/s',
  name: 'x',
  types: [],
  formats: [],
};

it.each([
  [true, [STRANGE]],
  [false, []],
])('looks for what the contract does not know where somebody wants it: %s', async (wantsDrift, drift) => {
  const operation = { ...fakeOperation(), driftParts: { inHead: () => [], inBody: () => [STRANGE] } };
  const contract = fakeContract([operation]);
  const said: FromWorker[] = [];
  let ask: (message: unknown) => void = () => undefined;
  const port = {
    on: (_: string, listener: typeof ask) => {
      ask = listener;
    },
    postMessage: (message: FromWorker) => said.push(message),
  };
  serveChecks(async () => contract, port as never);
  ask({ do: 'load', contract: 1, documents: { digest: contract.digest } });
  await new Promise((resolve) => setImmediate(resolve));
  const request = { method: 'POST', path: '/payments', query: '', headers: [] };
  const about = { operation: operationKey(operation), webhooks: undefined, side: 'request', request, response: undefined };
  ask({ do: 'judge', contract: 1, body: { ...about, bytes: new Uint8Array(Buffer.from('{}')), wantsDrift } });
  expect(said).toMatchObject([
    { is: 'loaded', fault: undefined },
    { is: 'judged', checked: { drift } },
  ]);
});
