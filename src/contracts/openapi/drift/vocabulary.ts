import type { Documents, Node } from '../document/documents.ts';
import { child, member } from '../document/pointer.ts';
import type { Model, OperationModel } from '../model.ts';
import { objectOr } from './atom.ts';

const SCHEMES = '/components/securitySchemes';

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
      .flatMap((file) => {
        const schemes = objectOr(member(member(file.value, 'components'), 'securitySchemes'));
        return Object.keys(schemes).map((name) => this.#scheme({ file, pointer: child(SCHEMES, name), value: schemes[name] }));
      })
      .flatMap((scheme) => {
        const name = member(scheme, 'name');
        const isOne = member(scheme, 'type') === 'apiKey' && member(scheme, 'in') === 'query' && typeof name === 'string';
        return isOne ? [name] : [];
      });
    return this.#keys;
  }

  /** It may be a reference to one. */
  #scheme(node: Node): unknown {
    const ref = member(node.value, '$ref');
    if (typeof ref !== 'string') return node.value;
    const target = this.#documents.resolve(node, ref);
    return target.ok ? target.node.value : undefined;
  }
}
