import type { Contract, WebhookNaming, Webhooks } from '../../../core/contract.ts';
import type { Judging } from '../judging.ts';
import type { OperationModel } from '../model.ts';
import { OpenApiOperation } from '../operation.ts';
import { type Webhook, WebhookContract } from './webhook-contract.ts';

/** The webhooks of a document: nothing is made of them before a route asks. */
export class OpenApiWebhooks implements Webhooks {
  readonly names: readonly string[];
  readonly #base: Contract;
  readonly #judging: Judging;
  readonly #models: ReadonlyMap<string, readonly OperationModel[]>;
  readonly #made = new Map<string, Contract>();
  readonly #unprepared: OpenApiOperation[] = [];
  #webhooks: ReadonlyMap<string, Webhook> | undefined;

  constructor(base: Contract, judging: Judging, models: ReadonlyMap<string, readonly OperationModel[]>) {
    this.names = Object.freeze([...models.keys()]);
    this.#base = base;
    this.#judging = judging;
    this.#models = models;
  }

  named(naming: WebhookNaming): Contract {
    const key = JSON.stringify(naming);
    const made = this.#made.get(key) ?? new WebhookContract(this.#base, this.#all(), naming);
    this.#made.set(key, made);
    return made;
  }

  /** Prepares one of them that is not; false where all are, or no route asks for them. */
  prepareNext(): boolean {
    for (let next = this.#unprepared.pop(); next !== undefined; next = this.#unprepared.pop()) if (next.prepare()) return true;
    return false;
  }

  /** Makes all of them, whether a route asks for them or not. */
  prepare(): void {
    this.#all();
  }

  #all(): ReadonlyMap<string, Webhook> {
    if (this.#webhooks === undefined) {
      this.#webhooks = new Map([...this.#models].map(([name, models]) => [name, this.#webhook(models)]));
      for (const webhook of this.#webhooks.values()) this.#unprepared.push(...webhook.values());
    }
    return this.#webhooks;
  }

  #webhook(models: readonly OperationModel[]): Webhook {
    return new Map(models.map((model) => [model.method, new OpenApiOperation(this.#judging, model)]));
  }
}
