import { type Schema, mapped, string } from '../core/schema.ts';
import { NAME, NAME_FORM } from '../config/values.ts';
import { CONTRACT_KEY } from './names.ts';

/** A ConfigMap with a contract, and the key of its main document. All keys are mounted: `$ref` may name others. */
export interface ContractRef {
  readonly configMap: string;
  readonly key: string;
}

/** A DNS subdomain (RFC 1123), as Kubernetes names objects; a key of a ConfigMap that is a file name. */
const OBJECT = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*';
const KEY = '(?!\\.\\.)[A-Za-z0-9._-]*[A-Za-z0-9_-]';

export const configMapName: Schema<string> = string({
  type: 'name of a ConfigMap',
  form: 'lower-case letters, digits, - and .',
  pattern: new RegExp(`^${OBJECT}$`),
  maxLength: 253,
});

/** `billing-openapi`, or `billing-openapi/v2.yaml`. */
export const contractRef: Schema<ContractRef> = mapped(
  string({
    type: 'ConfigMap with a contract',
    form: '<ConfigMap> or <ConfigMap>/<key>',
    pattern: new RegExp(`^${OBJECT}(?:/${KEY})?$`),
    maxLength: 253 + 1 + 253,
  }),
  (text) => {
    const [configMap = '', key = CONTRACT_KEY] = text.split('/');
    return { configMap, key };
  },
);

/** What a contract is called in a configuration. */
export const apiName: Schema<string> = string({ type: 'name of an API', form: NAME_FORM, pattern: NAME, maxLength: 63 });

/** IANA_SVC_NAME (RFC 6335 §5.1): 1 to 15 lower-case letters, digits and `-`, at least one letter, no `-` at an end or twice in a row. */
export const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/;

/** Name or number of a port; text, a number as its digits. */
const portText = string({
  type: 'name or number of a port',
  form: 'http, or 1 to 65535',
  pattern:
    /^(?:(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?|[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/,
  maxLength: 15,
});
export const port: Schema<string> = {
  ...portText,
  parse: (value, at, issues) => portText.parse(typeof value === 'number' ? String(value) : value, at, issues),
};

/** As it is written into a configuration: nothing that YAML or a variable's `$` would read differently. */
export const owner: Schema<string> = string({
  type: 'name of a team',
  form: 'letters, digits, spaces and . _ - @ / # + : & ( ); begins with a letter, a digit, @ or #',
  pattern: /^[\p{L}\p{N}@#][\p{L}\p{N} ._@/#+:&()-]{0,99}$/u,
  maxLength: 100,
});

/** `registry:5000/path/name:tag@sha256:…`; an image is not looked for here. */
export const image: Schema<string> = string({
  type: 'name of an image',
  form: 'registry/name:tag',
  pattern:
    /^[A-Za-z0-9][A-Za-z0-9._/-]*(?::\d+\/[A-Za-z0-9._/-]+)?(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,128})?$/,
  maxLength: 512,
});
