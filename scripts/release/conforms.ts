import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';

const library = dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json'));
const schema = (name: string): object =>
  JSON.parse(readFileSync(join(library, 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;

const ajv = new Ajv({ strict: false });
for (const name of ['spdx', 'jsf-0.82']) ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
// `default`: the package is CommonJS. Its formats have none that are internationalised; nothing of ours is.
addFormats.default(ajv);
ajv.addFormat('iri-reference', true).addFormat('idn-email', true);
const conforms = ajv.compile(schema('bom-1.6'));

/** What CycloneDX's own schema of version 1.6 has against a bill of materials; empty where it conforms. */
export function faultsOf(bom: unknown): string {
  return conforms(bom) ? '' : ajv.errorsText(conforms.errors);
}
