import { createHash } from 'node:crypto';
import type { ContractProblem, LoadOptions, LoadResult } from '../../core/contract-loading.ts';
import { CheckContext, type DocumentVersion, dialectOf } from './check/context.ts';
import { type Pause, readDocument } from './check/read-document.ts';
import { OpenApiContract } from './contract.ts';
import { Documents } from './document/documents.ts';
import type { SourceFile } from './document/source-file.ts';
import { isObject, member } from './document/pointer.ts';
import { Problems } from './document/problems.ts';
import { States } from './drift/states.ts';
import { Vocabulary } from './drift/vocabulary.ts';
import type { Judging } from './judging.ts';
import { lintDocument } from './lint/lint.ts';
import type { Model } from './model.ts';
import { DeprecatedMembers } from './schema/deprecated-members.ts';
import { Shapes } from './schema/shape.ts';
import { SchemaSet } from './schema/units.ts';
import { SpecPointers } from './schema/violations.ts';

/** Chains of files that refer to further files. */
const MAX_PASSES = 50;

/**
 * Steps of the warm-up that come before a contract is handed out. A compiler that has never run takes ten times as long, and
 * should be run in before there is traffic to hold up.
 */
const PREPARED_STEPS = 30;

/** Loads an OpenAPI 3.0, 3.1 or 3.2 document with every file that it refers to. Never rejects for what is in the files. */
export async function loadOpenApi(options: LoadOptions): Promise<LoadResult> {
  const documents = new Documents(options);
  const root = await documents.load(options.uri);
  if (root === undefined) return refused(options, documents, unreadable(options, documents));
  const problems = new Problems();
  const version = versionOf(root, problems);
  if (version === undefined) return refused(options, documents, problems);
  const dialect = dialectOf(version);
  const wanted = options.eager === true ? 'all' : 'without_info';
  const { model, context } = await read(
    root,
    () => new CheckContext(documents, new Problems(wanted), version),
    options.pause?.bind(options),
  );
  if (context.problems.errors > 0) return refused(options, documents, await merged(problems, context.problems, options.uri, documents));
  const schemas = new SchemaSet({ documents, dialect, formats: options.formats, patience: options.patience ?? 1 });
  const pointers = new SpecPointers(root.uri);
  const judging: Judging = {
    documents,
    dialect,
    schemas,
    deprecated: new DeprecatedMembers(schemas),
    drift: new States(schemas, pointers),
    vocabulary: new Vocabulary(documents, model),
    shapes: new Shapes(documents, dialect),
    pointers,
    title: model.title,
  };
  const pause = options.pause?.bind(options);
  const parts = { name: options.name, digest: await digestOf(documents, pause), model, judging };
  const contract = await OpenApiContract.make(parts, options.basePath, pause);
  if (options.eager === true) contract.webhooks.prepare();
  for (let i = 0; (options.eager === true || i < PREPARED_STEPS) && contract.warmUp(); i++) await options.pause?.();
  if (options.eager === true) {
    for (const unit of judging.schemas.units()) {
      const fault = unit.compile();
      if (fault !== undefined)
        context.problems.warning('schema_not_judged', unit.place, `this schema cannot be compiled and is not judged (no_schema): ${fault}`);
    }
  }
  if (options.eager === true) {
    const node = { file: root, pointer: '', value: root.value };
    await lintDocument({ root: node, context, model, judging, contract }, options.pause?.bind(options));
  }
  const all = await merged(problems, context.problems, options.uri, documents);
  documents.release();
  return { contract, problems: all, files: filesOf(options, documents) };
}

/** Reads the document again as long as it names files that are not here yet: a reading is cheap, and has no order to get wrong. */
async function read(root: SourceFile, start: () => CheckContext, pause: Pause): Promise<{ model: Model; context: CheckContext }> {
  for (let pass = 1; ; pass++) {
    const context = start();
    const model = await readDocument(root, context, pause);
    if (context.missing.size === 0 || pass >= MAX_PASSES) return { model, context };
    for (const uri of context.missing) await context.documents.load(uri);
  }
}

function versionOf(root: SourceFile, problems: Problems): DocumentVersion | undefined {
  const at = { file: root, pointer: '' };
  if (!isObject(root.value)) {
    problems.error('not_an_object', at, 'an OpenAPI document must be an object');
    return undefined;
  }
  if (member(root.value, 'swagger') !== undefined) {
    problems.error(
      'unsupported_version',
      { file: root, pointer: '/swagger' },
      'Swagger 2.0 is not supported: convert it to OpenAPI 3 first, for example with `npx swagger2openapi` or at converter.swagger.io',
    );
    return undefined;
  }
  const version = member(root.value, 'openapi');
  const where = { file: root, pointer: '/openapi' };
  if (version === undefined) problems.error('missing_version', at, '`openapi` is missing: is this an OpenAPI document?');
  else if (typeof version === 'string' && /^3\.[012](\.|$)/.test(version)) return version.slice(0, 3) as DocumentVersion;
  else if (typeof version === 'number' && NUMBERS.has(version))
    problems.error('unsupported_version', where, '`openapi` must be text, in quotes', NUMBERS.get(version));
  else problems.error('unsupported_version', where, 'this version of OpenAPI is not supported; 3.0, 3.1 and 3.2 are');
  return undefined;
}

/** What YAML makes of a version without quotes and without a third part, and what was meant. */
const NUMBERS: ReadonlyMap<number, string> = new Map([
  [3, '3.0.4'],
  [3.1, '3.1.2'],
  [3.2, '3.2.0'],
]);

function unreadable(options: LoadOptions, documents: Documents): Problems {
  const problems = new Problems();
  const failure = documents.failed.get(options.uri);
  const where = failure?.at === undefined ? { file: options.uri, pointer: '' } : { ...failure.at, pointer: '' };
  problems.error(failure?.code ?? 'file_unreadable', where, failure?.message ?? `cannot read ${options.uri}`);
  return problems;
}

async function refused(options: LoadOptions, documents: Documents, problems: Problems | readonly ContractProblem[]): Promise<LoadResult> {
  const list = problems instanceof Problems ? await problems.list(options.uri, documents.places.bind(documents)) : problems;
  return { contract: undefined, problems: list, files: filesOf(options, documents) };
}

async function merged(first: Problems, second: Problems, root: string, documents: Documents): Promise<ContractProblem[]> {
  const places = documents.places.bind(documents);
  return [...(await first.list(root, places)), ...(await second.list(root, places))];
}

function filesOf(options: LoadOptions, documents: Documents): string[] {
  return [...new Set([options.uri, ...documents.files.keys(), ...documents.failed.keys()])];
}

const HASHED_AT_A_TIME = 1024 * 1024;

/** Over the files in the order of their names, so that the order of loading does not count. */
async function digestOf(documents: Documents, pause: Pause): Promise<string> {
  const hash = createHash('sha256');
  for (const uri of [...documents.files.keys()].sort()) {
    const { bytes } = documents.files.get(uri) as SourceFile;
    for (let at = 0; at < bytes.length; at += HASHED_AT_A_TIME) {
      if (at > 0) await pause?.();
      hash.update(bytes.subarray(at, at + HASHED_AT_A_TIME));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
