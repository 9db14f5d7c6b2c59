import { injectSettingsSchema } from '../../../src/inject/settings.ts';
import type { FieldDoc } from '../../../src/core/schema.ts';
import { ADDRESS_BLOCK, DNS_SUBDOMAIN, PORT_NAME } from '../forms.ts';
import { log } from './gateway.ts';
import { type Json, type JsonSchema, type Value, choice, leaf, section } from '../describe.ts';

/** What the chart says itself, for all that it makes: `image`. */
const OF_THE_CHART = ['image', 'imagePullPolicy'];

const SUBDOMAIN = DNS_SUBDOMAIN.slice(1, -1);

/**
 * Forms that the settings' own reader holds by code. The injector refuses what is malformed; an admission policy has nobody who does, and would put it into every pod, which then is refused
 * or never starts.
 */
const FORMS: Readonly<Record<string, JsonSchema>> = {
  contract: { pattern: `^${SUBDOMAIN}(/[-._A-Za-z0-9]{1,253})?$` },
  port: { pattern: `${PORT_NAME}|^[1-9][0-9]{0,4}$` },
  trustedPeers: { items: { type: 'string', pattern: ADDRESS_BLOCK } },
  cpu: { pattern: '^[0-9]{1,12}([.][0-9]{1,3})?m?$' },
  memory: { pattern: '^[0-9]{1,12}([.][0-9]{1,3})?(k|M|G|Ki|Mi|Gi)?$' },
};

/** What injected pods get, from the code that reads the settings file: its keys, texts, defaults and forms. */
export const injectSettings: Value = section(
  'What injected pods get where their annotations do not say otherwise: the settings of `plumbline injector`, docs/injector.md.',
  {
    ...fieldsOf(injectSettingsSchema.doc().fields ?? [], injectSettingsSchema.jsonSchema() as JsonSchema),
    form: form(),
    log: log('As `sidecar.log`.'),
  },
);

function form(): Value {
  return choice('As `sidecar.form`; a `legacy` sidecar is refused in a Job, which would never complete.', 'auto', [
    'auto',
    'native',
    'legacy',
  ]);
}

function fieldsOf(docs: readonly FieldDoc[], schema: JsonSchema): Record<string, Value> {
  const properties = schema.properties as Readonly<Record<string, JsonSchema>>;
  return Object.fromEntries(
    docs.filter(({ key }) => !OF_THE_CHART.includes(key)).map((doc) => [doc.key, described(doc, properties[doc.key] as JsonSchema)]),
  );
}

function described({ key, text, written, doc }: FieldDoc, schema: JsonSchema): Value {
  if (doc.fields !== undefined) return section(text, fieldsOf(doc.fields, schema));
  const { description: _, default: __, ...rest } = schema;
  const type = doc.item === undefined ? doc.type : `list of ${doc.item.type}`;
  return leaf(text, written as Json | undefined, type, { ...withoutVariables(rest), ...FORMS[key] });
}

/** `${VAR}` is for plumbline.yaml: nothing puts a variable into settings. */
function withoutVariables(schema: JsonSchema): JsonSchema {
  if (schema.items !== undefined) return { ...schema, type: 'array', items: withoutVariables(schema.items as JsonSchema) };
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const [first, ...others] = anyOf.filter((one) => (one as JsonSchema).$ref !== '#/$defs/variable') as JsonSchema[];
  return others.length === 0 ? { ...rest, ...first } : { ...rest, anyOf: [first as JsonSchema, ...others] };
}
