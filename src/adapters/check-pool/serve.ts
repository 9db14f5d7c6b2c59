import { type MessagePort, parentPort } from 'node:worker_threads';
import type { CheckedBody } from '../../core/body-checking.ts';
import type { Contract, Operation } from '../../core/contract.ts';
import type { ContractDocuments } from '../../core/contract-documents.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import { type FromWorker, type ToWorker, type WorkerJob, operationKey } from './messages.ts';

export type LoadAgain = (documents: ContractDocuments) => Promise<Contract | undefined>;

/** The worker's side of the pool: makes contracts again and judges by them, one thing at a time, in the order of asking. */
export function serveChecks(load: LoadAgain, port: Pick<MessagePort, 'on' | 'postMessage'> | null = parentPort): void {
  const contracts = new Map<number, Loaded>();
  const say = (message: FromWorker): void => port?.postMessage(message);
  port?.on('message', (message: ToWorker) => {
    switch (message.do) {
      case 'load':
        void loadChecked(load, message.documents).then((contract) => {
          if (typeof contract !== 'string') contracts.set(message.contract, { contract, operations: new Map() });
          say({ is: 'loaded', fault: typeof contract === 'string' ? contract : undefined });
        });
        return;
      case 'judge': {
        const loaded = contracts.get(message.contract);
        say({ is: 'judged', checked: loaded && judge(loaded, message.body) });
        setImmediate(() => compileFor(loaded?.contract));
        return;
      }
      case 'forget':
        contracts.delete(message.contract);
    }
  });
}

interface Loaded {
  readonly contract: Contract;
  /** Those of its paths, and of its webhooks as routes name them: each kind is made when it is first asked for. */
  readonly operations: Map<string, ReadonlyMap<string, Operation>>;
}

function operationsOf({ contract, operations }: Loaded, webhooks: WorkerJob['webhooks']): ReadonlyMap<string, Operation> {
  const kind = JSON.stringify(webhooks ?? null);
  const known = operations.get(kind);
  if (known !== undefined) return known;
  const all = webhooks === undefined ? contract.operations : (contract.webhooks?.named(webhooks).operations ?? []);
  const made = new Map(all.map((operation) => [operationKey(operation), operation]));
  operations.set(kind, made);
  return made;
}

/** Schemas that a body has met are compiled after it, as far as the next one can wait for that. */
const COMPILE_MS = 50;

function compileFor(contract: Contract | undefined): void {
  const from = performance.now();
  while (contract?.warmUp() === true && performance.now() - from < COMPILE_MS);
}

/** The contract, or why it is none. */
async function loadChecked(load: LoadAgain, documents: ContractDocuments): Promise<Contract | string> {
  try {
    const contract = await load(documents);
    if (contract === undefined) return 'its documents do not make a contract any more';
    return contract.digest === documents.digest ? contract : `its documents make ${contract.digest} now`;
  } catch (error) {
    return String(error);
  }
}

function judge(loaded: Loaded, { operation: key, webhooks, request, response, bytes, wantsDrift }: WorkerJob): CheckedBody | undefined {
  const operation = operationsOf(loaded, webhooks).get(key);
  if (operation === undefined) return undefined;
  const body = new ParsedBody([bytes], bytes.byteLength);
  const outcome = response === undefined ? operation.checkRequestBody(request, body) : operation.checkResponseBody(request, response, body);
  return {
    outcome,
    deprecated: operation.deprecatedParts?.inBody(request, response, body) ?? [],
    drift: (wantsDrift ? operation.driftParts?.inBody(request, response, body) : undefined) ?? [],
  };
}
