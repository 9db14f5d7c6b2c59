import { CORE_SCHEMA, YAMLException, load, mergeTag } from 'js-yaml';
import { findJsonFault } from './json-fault.ts';

export type Syntax = 'json' | 'yaml';

export type Parsed =
  | { readonly ok: true; readonly value: unknown; readonly syntax: Syntax }
  | { readonly ok: false; readonly message: string; readonly offset: number; readonly syntax: Syntax };

/** Aliases of one document. They share their value, so that they cost nothing by themselves; nobody writes more by hand. */
const MAX_ALIASES = 20_000;
const MAX_DEPTH = 400;
/** Members that all merge keys of one document bring together: each is copied. */
const MAX_MERGED = 50_000;
/** YAML 1.2 has no merge key, `<<: *defaults`, but every other tool for OpenAPI reads it, and a schema without what it merges would be another one. */
const schema = CORE_SCHEMA.withTags(mergeTag);

/** Parses JSON (`.json`, or text that begins with `{`) or YAML 1.2. A file that only looks like JSON is tried as YAML. */
export function parse(uri: string, text: string): Parsed {
  const looksLikeJson = uri.endsWith('.json') || /^\s*[{[]/.test(text.slice(0, 1000));
  if (looksLikeJson) {
    try {
      return { ok: true, value: JSON.parse(text), syntax: 'json' };
    } catch {
      const fault = uri.endsWith('.json') ? findJsonFault(text) : undefined;
      if (fault !== undefined) return { ok: false, syntax: 'json', message: `not JSON: ${fault.message}`, offset: fault.offset };
    }
  }
  try {
    return {
      ok: true,
      value: load(text, { schema, maxAliases: MAX_ALIASES, maxDepth: MAX_DEPTH, maxTotalMergeKeys: MAX_MERGED }),
      syntax: 'yaml',
    };
  } catch (error) {
    const yaml = error instanceof YAMLException ? error : undefined;
    return { ok: false, syntax: 'yaml', message: `not YAML 1.2: ${yaml?.reason ?? 'cannot be read'}`, offset: yaml?.mark?.position ?? -1 };
  }
}
