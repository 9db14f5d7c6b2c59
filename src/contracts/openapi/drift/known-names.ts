import type { Judging } from '../judging.ts';
import type { OperationModel } from '../model.ts';
import { Parameter } from '../parameters/parameter.ts';
import { ALL } from './atom.ts';
import { OBJECT } from '../schema/shape.ts';

/** Where an access token may stand in a query (RFC 6750 §2.3). */
const ACCESS_TOKEN = 'access_token';

/** Names that the parameters of an operation, and the API keys of its document, have in a query; undefined: any name may be one. */
export function queryNames(judging: Judging, { parameters, template }: OperationModel): ReadonlySet<string> | undefined {
  // Of a webhook: its URL is the receiver's, who says what is in it.
  if (!template.startsWith('/')) return undefined;
  if (parameters.some((model) => model.in === 'querystring')) return undefined;
  const names = new Set<string>([ACCESS_TOKEN, ...judging.vocabulary.keys]);
  for (const model of parameters) {
    if (model.in !== 'query') continue;
    const parameter = new Parameter(judging, model, 'request');
    const { schema, way } = parameter;
    // An object of which it is not known which members it has, or a value that may be one beside others.
    if (way === 'spread' && schema.others !== 'none') return undefined;
    if (model.style === 'form' && parameter.explode && way !== 'spread' && schema.types !== ALL && (schema.types & OBJECT) !== 0)
      return undefined;
    if (way === 'spread') for (const name of schema.declared) names.add(name);
    names.add(model.name);
  }
  return names;
}

/** Headers of any response of an operation, in lower case; undefined: none has any. */
export function responseFields({ responses }: OperationModel): ReadonlySet<string> | undefined {
  const declared = responses.flatMap(({ headers }) => headers.map(({ name }) => name.toLowerCase()));
  return declared.length === 0 ? undefined : new Set(declared);
}
