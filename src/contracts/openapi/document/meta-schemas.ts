import schema from 'ajv/dist/refs/json-schema-2020-12/schema.json' with { type: 'json' };
import applicator from 'ajv/dist/refs/json-schema-2020-12/meta/applicator.json' with { type: 'json' };
import content from 'ajv/dist/refs/json-schema-2020-12/meta/content.json' with { type: 'json' };
import core from 'ajv/dist/refs/json-schema-2020-12/meta/core.json' with { type: 'json' };
import formatAnnotation from 'ajv/dist/refs/json-schema-2020-12/meta/format-annotation.json' with { type: 'json' };
import metaData from 'ajv/dist/refs/json-schema-2020-12/meta/meta-data.json' with { type: 'json' };
import unevaluated from 'ajv/dist/refs/json-schema-2020-12/meta/unevaluated.json' with { type: 'json' };
import validation from 'ajv/dist/refs/json-schema-2020-12/meta/validation.json' with { type: 'json' };
import { type FileContent, contentOf } from './file-reading.ts';
import { SourceFile } from './source-file.ts';

const ALL: ReadonlyMap<string, object> = new Map(
  [schema, applicator, content, core, formatAnnotation, metaData, unevaluated, validation].map((one) => [one.$id, one]),
);

/** How many documents they are: each has the dynamic anchor `meta`. */
export const META_SCHEMAS = ALL.size;

const read = new Map<string, SourceFile>();

/** The meta-schema of JSON Schema 2020-12 and its parts: what everybody may refer to without a network. */
export function metaSchema(uri: string): SourceFile | undefined {
  const value = ALL.get(uri);
  const known = read.get(uri);
  if (value === undefined || known !== undefined) return known;
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const file = new SourceFile(uri, bytes, contentOf('schema.json', bytes) as FileContent & { readonly is: 'parsed' });
  read.set(uri, file);
  return file;
}
