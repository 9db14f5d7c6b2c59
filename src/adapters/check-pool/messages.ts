/** What the pool and its worker tell each other. Plain data: it is cloned, bodies are handed over. */
import type { CheckedBody } from '../../core/body-checking.ts';
import type { ContractRequest, ContractResponse, Operation, Side, WebhookNaming } from '../../core/contract.ts';
import type { ContractDocuments } from '../../core/contract-documents.ts';

/** `contract`: a number that the pool gives each contract. */
export type ToWorker =
  /** Answered by `loaded`. */
  | { readonly do: 'load'; readonly contract: number; readonly documents: ContractDocuments }
  /** Answered by `judged`. */
  | { readonly do: 'judge'; readonly contract: number; readonly body: WorkerJob }
  | { readonly do: 'forget'; readonly contract: number };

export interface WorkerJob {
  /** As `operationKey` gives it. */
  readonly operation: string;
  /** It is one of the contract's webhooks, named so; undefined: of its paths. */
  readonly webhooks: WebhookNaming | undefined;
  readonly side: Side;
  readonly request: ContractRequest;
  readonly response: ContractResponse | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly wantsDrift: boolean;
}

export type FromWorker =
  /** `fault`: the contract cannot be made again, and why. */
  | { readonly is: 'loaded'; readonly fault: string | undefined }
  /** `checked` undefined: it could not be judged; that would be a bug. */
  | { readonly is: 'judged'; readonly checked: CheckedBody | undefined };

/** The same for an operation here and in the worker, and for no other one of the contract. */
export function operationKey({ id, method, template, specPointer }: Operation): string {
  return [method, template, id, specPointer].join('\n');
}
