/** What is generated from the configuration's schema: the JSON Schema for editors and the reference page. Written by `generate.ts`. */
import { configurationSchema } from '../src/config/schema.ts';
import { referencePage } from './configuration-page.ts';

function editorSchema(): string {
  const schema = {
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
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Every generated file: its path from the root of the repository, and what must be in it. */
export function generate(): Readonly<Record<string, string>> {
  return {
    'config/plumbline.schema.json': editorSchema(),
    'docs/configuration.md': referencePage(configurationSchema.doc()),
  };
}
