import type { Contract, Match, Operation } from '../../core/contract.ts';
import type { LoadOptions } from '../../core/contract-loading.ts';
import type { Ownership } from '../../core/ownership.ts';
import type { Judging } from './judging.ts';
import { basePaths, cleanBasePath } from './match/base-paths.ts';
import { Matcher } from './match/matcher.ts';
import { serverHosts } from './match/server-hosts.ts';
import type { Model } from './model.ts';
import { OpenApiOperation } from './operation.ts';
import { OpenApiWebhooks } from './webhooks/webhooks.ts';

/** `by`: the operation that is found instead. */
export interface Shadowed {
  readonly path: string;
  readonly by: string;
}

export interface ContractParts {
  readonly name: string;
  readonly digest: string;
  readonly model: Model;
  readonly judging: Judging;
}

const PLACED_AT_A_TIME = 500;

export class OpenApiContract implements Contract {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly operations: readonly Operation[];
  readonly declared: Ownership | undefined;
  readonly hosts: ReadonlySet<string> | undefined;
  readonly webhooks: OpenApiWebhooks;
  readonly #judging: Judging;
  readonly #prepared: readonly OpenApiOperation[];
  readonly #matcher = new Matcher();
  readonly #paths = new Map<string, string[]>();
  readonly #shadowed = new Map<string, Shadowed[]>();
  #next = 0;

  private constructor({ name, digest, model, judging }: ContractParts, operations: readonly OpenApiOperation[]) {
    this.name = name;
    this.version = model.version;
    this.digest = digest;
    this.declared = model.declared;
    this.#judging = judging;
    this.#prepared = operations;
    this.operations = Object.freeze(operations);
    this.hosts = serverHosts(model.operations.flatMap(({ servers }) => servers));
    this.webhooks = new OpenApiWebhooks(this, judging, model.webhooks);
  }

  /** `pause` is awaited now and then: there are documents with tens of thousands of operations. */
  static async make(
    parts: ContractParts,
    basePath: LoadOptions['basePath'],
    pause: (() => Promise<void>) | undefined,
  ): Promise<OpenApiContract> {
    const { judging, model } = parts;
    const operations = model.operations.map((of) => new OpenApiOperation(judging, of));
    const contract = new OpenApiContract(parts, operations);
    let placed = 0;
    for (const [i, { servers, template }] of model.operations.entries()) {
      const bases = basePath === 'auto' ? basePaths(servers) : basePath === 'none' ? [''] : [cleanBasePath(basePath)];
      for (const base of bases) {
        contract.#place(base + template, operations[i] as OpenApiOperation);
        if (++placed % PLACED_AT_A_TIME === 0) await pause?.();
      }
    }
    contract.#matcher.seal();
    return contract;
  }

  pathsOf({ id }: Operation): readonly string[] {
    return this.#paths.get(id) ?? [];
  }

  /** Where an operation is not found although the document says so, as another is there. */
  shadowedOf(id: string): readonly Shadowed[] {
    return this.#shadowed.get(id) ?? [];
  }

  #place(path: string, operation: Operation): void {
    const first = this.#matcher.add(path, operation.method, operation);
    if (first === undefined) append(this.#paths, operation.id, path);
    else append(this.#shadowed, operation.id, { path, by: first.id });
  }

  match(method: string, path: string): Match {
    return this.#matcher.match(method, path);
  }

  warmUp(): boolean {
    const { schemas } = this.#judging;
    if (schemas.compileNext()) return true;
    for (let operation = this.#prepared[this.#next]; operation !== undefined; operation = this.#prepared[this.#next]) {
      this.#next += 1;
      if (operation.prepare()) return true;
    }
    return this.webhooks.prepareNext();
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
