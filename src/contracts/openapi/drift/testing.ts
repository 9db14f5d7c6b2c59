/** What the tests of this folder share. */
import type { Contract, ContractRequest, Operation } from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { Documents } from '../document/documents.ts';
import { SchemaSet } from '../schema/units.ts';
import { SpecPointers } from '../schema/violations.ts';
import { api, contractOf, json, ok } from '../testing.ts';
import { one } from './describe.ts';
import type { State } from './state.ts';
import { type StateLimits, States } from './states.ts';
import { Walk } from './walk.ts';

export const JSON_HEADERS = ['Content-Type', 'application/json'];
/** Where the schema of a body stands in the documents of `drift`. */
export const BASE = '/paths/~1x/post/requestBody/content/application~1json/schema';
export type More = Readonly<Record<string, unknown>>;

export const head = (more: Partial<ContractRequest> = {}): ContractRequest => ({
  method: 'POST',
  path: '/x',
  query: '',
  headers: JSON_HEADERS,
  ...more,
});

export const only = ({ operations }: Contract): Operation => operations[0] as Operation;

/** A text as it is, any other value as JSON. */
export function parsed(value: unknown): ParsedBody {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return new ParsedBody([bytes], bytes.byteLength);
}

/** What a body shows that its schema does not know. */
export async function drift(
  schema: unknown,
  value: unknown,
  more: More = {},
  formats: 'assert' | 'annotate' = 'assert',
): Promise<readonly Drift[]> {
  const document = api({ '/x': { post: { requestBody: { content: json(schema) }, responses: ok } } }, more);
  const { driftParts } = only(await contractOf(document, { formats }));
  return driftParts?.inBody(head(), undefined, parsed(value)) ?? [];
}

/** Tables of a schema, with as little room as wanted. */
export async function tables(schema: unknown, limits?: StateLimits): Promise<{ states: States; walk: Walk; start: State }> {
  const documents = new Documents({
    name: 'x',
    uri: 'x.json',
    basePath: 'none',
    formats: 'assert',
    read: async () => Buffer.from(JSON.stringify(schema)),
    resolve: (_, to) => to,
  });
  const file = await documents.load('x.json');
  const states = new States(new SchemaSet({ documents, dialect: '3.1', formats: 'assert' }), new SpecPointers('x.json'), limits);
  const start = file && states.of(one({ file, pointer: '', value: file.value }));
  if (start === undefined) throw new Error('there is nothing to look for');
  return { states, walk: new Walk(states), start };
}

/** As many bodies, each with a member that none had before. */
export async function distinctShapes(count: number, kept: number): Promise<{ untold: number; mostKept: number; states: States }> {
  const { states, walk, start } = await tables({ properties: { a: {}, b: { properties: { c: {} } } } }, { states: 1000, kept });
  const root = { side: 'response' } as const;
  let untold = 0;
  let mostKept = 0;
  for (let i = 0; i < count; i++) {
    const name = `n${[...i.toString(16)].map((digit) => 'ghijklmnopqrstuv'[Number.parseInt(digit, 16)]).join('')}`;
    const [first] = walk.look(root, start, { a: 1, b: { c: 2, [name]: i } });
    if (first?.name !== name) untold += 1;
    mostKept = Math.max(mostKept, states.size.kept);
  }
  return { untold, mostKept, states };
}
