import type { Documents, Node, Place } from '../document/documents.ts';
import { isObject, lookUp, member } from '../document/pointer.ts';
import { APPLICATORS, ASSERTIONS } from './keywords.ts';

/** Whether a schema's dialect has this keyword; undefined: another language than JSON Schema 2020-12, or nobody knows. */
export type SchemaDialect = ((keyword: string) => boolean) | undefined;

const ALL: SchemaDialect = () => true;
const DRAFT = 'https://json-schema.org/draft/2020-12/';
/** The dialects of OpenAPI 3.1 and 3.2 are 2020-12 with annotations of their own (3.1.1 §4.8.24.5). */
const OPENAPI = /^https:\/\/spec\.openapis\.org\/oas\/3\.\d+\/dialect\/[^/]+$/;
const CORE = `${DRAFT}vocab/core`;
const ANNOTATIONS = new Set(['meta-data', 'format-annotation', 'content'].map((name) => `${DRAFT}vocab/${name}`));
/** The vocabularies that a dialect may leave out, and what goes with them. */
const OPTIONAL: ReadonlyArray<readonly [uri: string, has: (keyword: string) => boolean]> = [
  [`${DRAFT}vocab/validation`, (keyword) => ASSERTIONS.has(keyword)],
  [`${DRAFT}vocab/unevaluated`, (keyword) => keyword.startsWith('unevaluated')],
  [`${DRAFT}vocab/applicator`, (keyword) => APPLICATORS.has(keyword) && !keyword.startsWith('unevaluated')],
];

/**
 * The dialect of the schema at a place: `$schema` of the resource that it belongs to or of one around that (core §8.1.1), else what the
 * document says of all its schemas (`jsonSchemaDialect`, OpenAPI 3.1.1 §4.8.24.6), else that of OpenAPI.
 */
export function dialectAt(documents: Documents, place: Place): SchemaDialect {
  const said = saidAt(place);
  return said === undefined ? ALL : dialectOf(documents, said, place);
}

/** What a `$schema` or `jsonSchemaDialect` at a place means. */
export function dialectOf(documents: Documents, uri: string, from: Place): SchemaDialect {
  const name = uri.endsWith('#') ? uri.slice(0, -1) : uri;
  if (name === `${DRAFT}schema` || OPENAPI.test(name)) return ALL;
  const named = documents.resources.named(name, documents.resources.of(from.file, from.pointer));
  if (named === undefined || named === 'several') return undefined;
  const vocabularies = member(lookUp(named.file.value, named.pointer), '$vocabulary');
  return isObject(vocabularies) ? ofVocabularies(vocabularies) : undefined;
}

/** A vocabulary that is required must be known; others may be left aside (core §8.1.2). */
function ofVocabularies(vocabularies: Readonly<Record<string, unknown>>): SchemaDialect {
  const isKnown = (uri: string): boolean => uri === CORE || ANNOTATIONS.has(uri) || OPTIONAL.some(([known]) => known === uri);
  if (!Object.hasOwn(vocabularies, CORE) || Object.keys(vocabularies).some((uri) => vocabularies[uri] !== false && !isKnown(uri)))
    return undefined;
  const left = OPTIONAL.filter(([uri]) => !Object.hasOwn(vocabularies, uri));
  return (keyword) => !left.some(([, has]) => has(keyword));
}

function saidAt({ file, pointer }: Place): string | undefined {
  if (file.mentions('$schema')) {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const value = lookUp(file.value, at);
      const said = member(value, '$schema');
      // At the root of an OpenAPI document it is for editors.
      if (typeof said === 'string' && (at !== '' || member(value, 'openapi') === undefined)) return said;
      if (at === '') break;
    }
  }
  const said = file.mentions('jsonSchemaDialect') ? member(file.value, 'jsonSchemaDialect') : undefined;
  return typeof said === 'string' ? said : undefined;
}

/** What cannot be judged because of `$schema` in this schema: for people. Undefined: nothing. */
export function foreignDialect(documents: Documents, node: Node): string | undefined {
  const said = member(node.value, '$schema');
  if (typeof said !== 'string' || dialectOf(documents, said, node) !== undefined) return undefined;
  return `$schema ${said.slice(0, 200)} is not JSON Schema 2020-12 nor the dialect of OpenAPI`;
}
