/** What is generated from the configuration's schema: the JSON Schema for editors and the reference page. Written by `generate.ts`. */
import { configurationSchema } from '../src/config/schema.ts';
import { referencePage } from './configuration-page.ts';

/** The JSON Schema of plumbline.yaml. */
export function editorSchema(): Readonly<Record<string, unknown>> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Plumbline configuration',
    description: 'Generated from src/config/schema.ts. Reference: docs/configuration.md.',
    $defs: {
      variable: {
        description: `A value with \${VAR} or \${VAR:-default} in it, replaced when the file is read.`,
        type: 'string',
        pattern: '\\$\\{',
      },
    },
    ...configurationSchema.jsonSchema(),
  };
}

/** Every generated file: its path from the root of the repository, and what must be in it. */
export function generate(): Readonly<Record<string, string>> {
  return {
    'config/plumbline.schema.json': `${JSON.stringify(editorSchema(), null, 2)}\n`,
    'docs/configuration.md': referencePage(configurationSchema.doc()),
  };
}
