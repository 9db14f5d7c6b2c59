/** The JSON-Schema-Test-Suite, and this engine as it judges the suite's schemas. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkSchema, type Seen } from '../../src/contracts/openapi/check/check-schema.ts';
import { CheckContext } from '../../src/contracts/openapi/check/context.ts';
import { Documents, type Node } from '../../src/contracts/openapi/document/documents.ts';
import { Problems } from '../../src/contracts/openapi/document/problems.ts';
import type { Unit } from '../../src/contracts/openapi/schema/unit.ts';
import { SchemaSet } from '../../src/contracts/openapi/schema/units.ts';

const ROOT = fileURLToPath(new URL('../../../shared/data/json-schema-test-suite/', import.meta.url));
/** Where the suite says that its remote documents are. */
const REMOTE = 'http://localhost:1234/';

export const ABSENT = existsSync(`${ROOT}tests`)
  ? undefined
  : `no JSON-Schema-Test-Suite in ${ROOT}: what JSON Schema says is NOT TESTED here`;

export interface SuiteTest {
  readonly description: string;
  readonly data: unknown;
  readonly valid: boolean;
}

export interface SuiteGroup {
  /** `anyOf`, `format/date-time`. */
  readonly file: string;
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly SuiteTest[];
}

/** `folder`: below `tests`. Without `files`: all that lie in it. */
export function groups(folder: string, files?: readonly string[]): SuiteGroup[] {
  if (ABSENT !== undefined) return [];
  const dir = `${ROOT}tests/${folder}/`;
  const names =
    files ??
    readdirSync(dir)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length));
  return [...names]
    .sort()
    .flatMap((file) => (JSON.parse(readFileSync(`${dir}${file}.json`, 'utf8')) as SuiteGroup[]).map((group) => ({ ...group, file })));
}

export interface Settings {
  readonly version: '3.0' | '3.1';
  readonly formats: 'assert' | 'annotate';
}

/** One schema, read and checked as one of a contract is. */
export async function unitFor(
  schema: unknown,
  { version, formats }: Settings,
): Promise<{ unit: Unit; set: SchemaSet; refused: string | undefined }> {
  const documents = new Documents({
    name: 'suite',
    uri: 'schema.json',
    basePath: 'none',
    formats,
    read: (uri) =>
      uri === 'schema.json'
        ? Promise.resolve(Buffer.from(JSON.stringify(schema)))
        : Promise.resolve(readFileSync(`${ROOT}remotes/${uri.slice(REMOTE.length)}`)),
    resolve: (_base, ref) => ref,
  });
  const file = await documents.load('schema.json');
  if (file === undefined) throw new Error('the schema was not read');
  const remotes = version === '3.0' ? 'draft4' : 'draft2020-12';
  if (JSON.stringify(schema).includes(REMOTE)) for (const name of remoteFiles(remotes)) await documents.load(REMOTE + name);
  const root: Node = { file, pointer: '', value: file.value };
  const context = new CheckContext(documents, new Problems(), version);
  const seen: Seen = new Set();
  context.schemas.push(root);
  for (let node = context.schemas.pop(); node !== undefined; node = context.schemas.pop()) checkSchema(node, context, seen);
  const { errors } = context.problems;
  const set = new SchemaSet({ documents, dialect: version, formats });
  const refused = errors === 0 && context.missing.size === 0 ? undefined : `${errors} errors; not found: ${[...context.missing].join(' ')}`;
  return { unit: set.unit(root, 'request'), set, refused };
}

/** Names below `remotes`: those of one draft, and those that are of none. */
function remoteFiles(draft: string): string[] {
  return readdirSync(`${ROOT}remotes`, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.json') && (name.startsWith(`${draft}/`) || !/^(draft|v1)/.test(name)),
  );
}

/** One test: what the engine says of its value, asked in every way that it can be. */
export interface Verdict {
  readonly interpreted: string;
  readonly compiled: string;
  /** The suite's own. */
  readonly right: 'valid' | 'invalid';
}

/** Verdicts on the tests of one group, in their order: first interpreted, then with everything compiled that can be. */
export async function judge({ schema, tests }: Pick<SuiteGroup, 'schema' | 'tests'>, settings: Settings): Promise<Verdict[]> {
  const { unit, set, refused } = await unitFor(schema, settings);
  const say = ({ data }: SuiteTest): string => {
    if (refused !== undefined) return `refused: ${refused}`;
    const text = JSON.stringify(data);
    const judgement = unit.judge(JSON.parse(text), text.length, text);
    return typeof judgement === 'string' ? `skipped ${judgement}` : judgement === true ? 'valid' : 'invalid';
  };
  const interpreted = tests.map(say);
  for (const one of set.units()) one.compile();
  const compiled = tests.map(say);
  return tests.map(({ valid }, i) => ({
    interpreted: interpreted[i] as string,
    compiled: compiled[i] as string,
    right: valid ? 'valid' : 'invalid',
  }));
}
