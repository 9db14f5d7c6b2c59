/** Another implementation of JSON Schema, asked about the same schema and value. */
import { registerSchema as register31, unregisterSchema as unregister31, validate as validate31 } from '@hyperjump/json-schema/openapi-3-1';
import { registerSchema as register30, unregisterSchema as unregister30, validate as validate30 } from '@hyperjump/json-schema/openapi-3-0';

let count = 0;

function nextUri(): string {
  count += 1;
  return `https://oracle.example/${count}/schema`;
}

/** `schema` stands alone, by 2020-12. */
export async function oracle2020(schema: object): Promise<(value: unknown) => boolean> {
  const uri = nextUri();
  register31({ ...schema } as Parameters<typeof register31>[0], uri, 'https://json-schema.org/draft/2020-12/schema');
  try {
    const validate = await validate31(uri);
    return (value) => validate(value as Parameters<typeof validate>[0]).valid;
  } finally {
    unregister31(uri);
  }
}

/** A schema of an OpenAPI 3.0 document, by its pointer. */
export async function oracle30(document: object, pointer: string): Promise<(value: unknown) => boolean> {
  const uri = nextUri();
  register30(document as Parameters<typeof register30>[0], uri, 'https://spec.openapis.org/oas/3.0/schema');
  try {
    const validate = await validate30(`${uri}#${pointer}`);
    return (value) => validate(value as Parameters<typeof validate>[0]).valid;
  } finally {
    unregister30(uri);
  }
}
