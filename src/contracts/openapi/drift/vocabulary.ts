import type { Documents } from '../document/documents.ts';
import { member } from '../document/pointer.ts';
import type { Model, OperationModel } from '../model.ts';
import { objectOr } from './atom.ts';

/** Names that a document speaks of anywhere. Collected when they are first asked for. */
export class Vocabulary {
  readonly #documents: Documents;
  readonly #operations: () => readonly OperationModel[];
  /** Where all operations stand: what no place of the document names is missing there. */
  readonly root: '/paths' | '/webhooks';
  #fields: ReadonlySet<string> | undefined;
  #keys: readonly string[] | undefined;

  constructor(documents: Documents, { operations, webhooks }: Pick<Model, 'operations' | 'webhooks'>) {
    this.#documents = documents;
    this.#operations = () => [...operations, ...[...webhooks.values()].flat()];
    this.root = operations.length === 0 ? '/webhooks' : '/paths';
  }

  /** Header fields that any answer of any operation has, in lower case. */
  get fields(): ReadonlySet<string> {
    this.#fields ??= new Set(
      this.#operations().flatMap(({ responses }) => responses.flatMap(({ headers }) => headers.map(({ name }) => name.toLowerCase()))),
    );
    return this.#fields;
  }

  /** Names of API keys in a query, of whichever security scheme: which of them an operation asks for is judged elsewhere. */
  get keys(): readonly string[] {
    this.#keys ??= [...this.#documents.files.values()]
      .flatMap(({ value }) => Object.values(objectOr(member(member(value, 'components'), 'securitySchemes'))))
      .flatMap((scheme) => {
        const name = member(scheme, 'name');
        const isOne = member(scheme, 'type') === 'apiKey' && member(scheme, 'in') === 'query' && typeof name === 'string';
        return isOne ? [name] : [];
      });
    return this.#keys;
  }
}
