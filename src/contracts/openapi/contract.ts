import type { Contract, Match, Operation } from '../../core/contract.ts';
import type { LoadOptions } from '../../core/contract-loading.ts';
import type { Judging } from './judging.ts';
import { basePaths, cleanBasePath } from './match/base-paths.ts';
import { Matcher } from './match/matcher.ts';
import type { Model } from './model.ts';
import { OpenApiOperation } from './operation.ts';

/** Units compiled for one call of `warmUp`: a large one takes some milliseconds, most a fraction of one. */
const A_SLICE = 3;

export class OpenApiContract implements Contract {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly operations: readonly Operation[];
  readonly #judging: Judging;
  readonly #prepared: readonly OpenApiOperation[];
  readonly #matcher = new Matcher();
  #next = 0;

  constructor(name: string, digest: string, model: Model, judging: Judging, basePath: LoadOptions['basePath']) {
    this.name = name;
    this.version = model.version;
    this.digest = digest;
    this.#judging = judging;
    const operations: OpenApiOperation[] = [];
    for (const of of model.operations) {
      const operation = new OpenApiOperation(judging, of);
      operations.push(operation);
      const bases = basePath === 'auto' ? basePaths(of.servers) : basePath === 'none' ? [''] : [cleanBasePath(basePath)];
      for (const base of bases) this.#matcher.add(base + of.template, of.method, operation);
    }
    this.#matcher.seal();
    this.#prepared = operations;
    this.operations = Object.freeze(operations);
  }

  match(method: string, path: string): Match {
    return this.#matcher.match(method, path);
  }

  warmUp(): boolean {
    const { schemas } = this.#judging;
    for (let i = 0; i < A_SLICE; i++) {
      if (schemas.compileNext()) continue;
      const operation = this.#prepared[this.#next];
      if (operation === undefined) return false;
      this.#next += 1;
      operation.prepare();
    }
    return true;
  }
}
