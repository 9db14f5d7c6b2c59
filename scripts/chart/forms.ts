/** Forms of texts that Kubernetes asks for, and what several values have in common. Patterns are those that Go's `regexp` reads: Helm asks it. */
import { type JsonSchema, mapOf } from './describe.ts';

/** A label value, RFC 1123 label and subdomain as `k8s.io/apimachinery` has them; a port's name as RFC 6335 §5.1 (at most 15, with a letter). */
export const DNS_LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';
export const DNS_SUBDOMAIN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
export const PORT_NAME = '^[a-z0-9]*(-?[a-z0-9])*[a-z](-?[a-z0-9])*$';
export const LABEL_KEY = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
export const LABEL_VALUE = '^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';
/** Key of a ConfigMap or Secret. */
export const FILE_KEY = '^[-._a-zA-Z0-9]{1,253}$';
export const ENV_NAME = '^[A-Za-z_][A-Za-z0-9_]*$';
/** Kubernetes' quantities, as far as CPU and memory need them. */
export const QUANTITY = '^[0-9]+(\\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$';
const OCTET = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const block = (must: '' | '?'): string =>
  `^(${OCTET}([.]${OCTET}){3}(/(3[0-2]|[12]?[0-9]))${must}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))${must})$`;
/** An address, or a block in CIDR notation; for Kubernetes always the latter. */
export const ADDRESS_BLOCK: string = block('?');
export const ADDRESS_BLOCK_WITH_LENGTH: string = block('');
/** As plumbline.yaml has it, and as Prometheus has it. */
export const DURATION = '^[0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h)$';
export const PROMETHEUS_DURATION = '^([0-9]+(ms|s|m|h))+$';

const text: JsonSchema = { type: 'string' };

/** A mapping with these keys and no others. */
export function closed(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

export const labels: JsonSchema = mapOf(LABEL_KEY, { type: 'string', pattern: LABEL_VALUE });

export const annotations: JsonSchema = mapOf(LABEL_KEY, text);

export const quantity: JsonSchema = {
  anyOf: [
    { type: 'string', pattern: QUANTITY },
    { type: 'number', minimum: 0 },
  ],
};

export const keyOf: JsonSchema = closed(
  { name: { type: 'string', pattern: DNS_SUBDOMAIN }, key: { type: 'string', pattern: FILE_KEY }, optional: { type: 'boolean' } },
  ['name', 'key'],
);

/** Nothing, or this: an error names what is wrong with it, and not that it might as well be empty. */
export function unlessEmpty(schema: JsonSchema): JsonSchema {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  return { type: 'object', if: { minProperties: 1 }, then: schema };
}
