/** What the tests of this folder share: an operation with the parameters of a test. */
import { api, contractOf, ok, request, say } from '../testing.ts';

export interface Declared {
  readonly openapi?: string;
  readonly parameters: readonly unknown[];
  readonly schemas?: Record<string, unknown>;
}

/** What the contract says of `GET line` where these parameters are declared. */
export async function judge(
  { openapi = '3.1.0', parameters, schemas = {} }: Declared,
  line: string,
  headers: readonly string[] = [],
): Promise<string> {
  const path = parameters.some((p) => (p as { in: string }).in === 'path') ? '/x/{p}' : '/x';
  const contract = await contractOf(api({ [path]: { get: { parameters, responses: ok } } }, { openapi, components: { schemas } }));
  return say(request(contract, `GET ${line}`, { headers }));
}

export const query = (schema: unknown, more: object = {}): Declared => ({ parameters: [{ name: 'q', in: 'query', schema, ...more }] });
export const path = (schema: unknown, more: object = {}): Declared => ({
  parameters: [{ name: 'p', in: 'path', required: true, schema, ...more }],
});
export const header = (schema: unknown, more: object = {}): Declared => ({ parameters: [{ name: 'X-H', in: 'header', schema, ...more }] });
export const cookie = (schema: unknown, more: object = {}): Declared => ({ parameters: [{ name: 'c', in: 'cookie', schema, ...more }] });

export const integer = { type: 'integer', minimum: 1 };
export const list = { type: 'array', items: { type: 'integer' }, maxItems: 2 };
export const object = { type: 'object', properties: { a: { type: 'integer' } } };
