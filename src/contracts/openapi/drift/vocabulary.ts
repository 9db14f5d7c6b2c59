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
  #fields: { readonly request: ReadonlySet<string>; readonly response: ReadonlySet<string> } | undefined;
  #keys: ReadonlyArray<readonly [place: unknown, name: string]> | undefined;

  constructor(documents: Documents, { operations, webhooks }: Pick<Model, 'operations' | 'webhooks'>) {
    this.#documents = documents;
    this.#operations = () => [...operations, ...[...webhooks.values()].flat()];
    this.root = operations.length === 0 ? '/webhooks' : '/paths';
  }

  /** Header fields that any operation names on this side, in lower case. */
  get fields(): { readonly request: ReadonlySet<string>; readonly response: ReadonlySet<string> } {
    if (this.#fields === undefined) {
      const [request, response] = [new Set<string>(), new Set<string>()];
      for (const { parameters, responses } of this.#operations()) {
        for (const parameter of parameters) if (parameter.in === 'header') request.add(parameter.name.toLowerCase());
        for (const { headers } of responses) for (const { name } of headers) response.add(name.toLowerCase());
      }
      this.#fields = { request, response };
    }
    return this.#fields;
  }

  /** Names of API keys, of whichever security scheme: which of them an operation asks for is judged elsewhere. */
  keys(place: 'query' | 'header'): string[] {
    this.#keys ??= [...this.#documents.files.values()]
      .flatMap(({ value }) => Object.values(objectOr(member(member(value, 'components'), 'securitySchemes'))))
      .flatMap((scheme) => {
        const name = member(scheme, 'name');
        return member(scheme, 'type') === 'apiKey' && typeof name === 'string' ? [[member(scheme, 'in'), name] as const] : [];
      });
    return this.#keys.flatMap(([at, name]) => (at === place ? [name] : []));
  }
}
