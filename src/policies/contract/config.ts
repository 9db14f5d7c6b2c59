import {
  type Schema,
  boolean,
  checked,
  choice,
  defaulted,
  list,
  mapped,
  number,
  object,
  optional,
  pathPrefix,
  record,
  sizeBytes,
  string,
} from '../../core/schema.ts';
import { IGNORED_NAME } from './ignored.ts';

export type Mode = 'off' | 'report' | 'enforce';

/** `policies.contract` (semantics CP-1). */
export interface ContractConfig {
  readonly request: Mode;
  readonly response: Mode;
  /** What is done about a path or method that the contract does not know; undefined: as `request` says (off: ignore). */
  readonly undocumented: 'ignore' | 'report' | 'enforce' | undefined;
  /** Paths (whole segments: `/healthz` covers `/healthz/live`) that are never judged, and `header:X-Foo`, `query:foo` … of which nothing is a finding. */
  readonly ignore: readonly string[];
  /** Share of exchanges that are judged, 0 to 1. */
  readonly sample: number;
  readonly maxBodyBytes: number;
  /** What enforce does with what cannot be checked. */
  readonly onUnchecked: 'pass' | 'refuse';
  /** Count requests that the upstream itself refused with 4xx (CP-5). */
  readonly countRefused: boolean;
  /** By operation: modes that replace those above. */
  readonly operations: Readonly<Record<string, { readonly request?: Mode; readonly response?: Mode }>>;
  /** Names of fields whose values may be told. */
  readonly showValues: readonly string[];
}

/** A path, or the name of a header or parameter behind where it stands. */
function ignored(): Schema<string> {
  const path = pathPrefix();
  const form = 'begins with /, or with header:, query:, cookie: or path:';
  const name = string({ type: 'path or name', form, pattern: IGNORED_NAME, maxLength: 256 });
  return {
    ...name,
    parse: (value, at, issues) => (typeof value === 'string' && value.startsWith('/') ? path : name).parse(value, at, issues),
    jsonSchema: () => ({ anyOf: [path.jsonSchema(), name.jsonSchema()] }),
    doc: () => ({ type: 'path, or `header:`, `query:`, `cookie:` or `path:` and a name' }),
  };
}

const MODES = ['off', 'report', 'enforce'] as const;

const operation: Schema<ContractConfig['operations'][string]> = mapped(
  object({
    request: optional(choice(MODES), 'Mode for requests of this operation.'),
    response: optional(choice(MODES), 'Mode for answers of this operation.'),
  }),
  ({ request, response }) => ({ ...(request !== undefined && { request }), ...(response !== undefined && { response }) }),
);

const written = object({
  request: defaulted(
    choice(MODES),
    'report',
    '`report` counts what breaks the contract and lets it pass, `enforce` refuses it, `off` does not look.',
  ),
  response: defaulted(choice(MODES), 'report', 'The same for answers. `enforce` holds an answer back until it has been judged.'),
  undocumented: optional(
    choice(['ignore', 'report', 'enforce']),
    'What is done about paths and methods that the contract does not know. Absent: as `request` says.',
  ),
  ignore: defaulted(
    list(ignored()),
    [],
    'What is never a finding: paths, as callers send them (before `stripPrefix`), whole segments (`/healthz` covers `/healthz/live`), which are not judged at all; and headers and parameters of requests and answers: `header:X-Legacy`, `query:utm_source`, `cookie:session`, `path:id`.',
  ),
  sample: defaulted(number({ min: 0, max: 1 }), 1, 'Share of exchanges that are judged. Less than 1 cannot go with `enforce`.'),
  maxBodyBytes: defaulted(sizeBytes({ min: 1, max: 1024 ** 3 }), '1MiB', 'Largest body that is judged.'),
  onUnchecked: defaulted(
    choice(['pass', 'refuse']),
    'pass',
    'What `enforce` does with what cannot be checked: a body too large, an unknown encoding, overload.',
  ),
  countRefused: defaulted(boolean(), false, 'Count violations of requests that the upstream itself refused with 4xx, too.'),
  operations: defaulted(
    record(operation, { key: 'operation', pattern: /^\S(?:.*\S)?$/ }),
    {},
    'Modes by operation: its `operationId`, without one `METHOD /path`.',
  ),
  showValues: defaulted(
    list(string({ pattern: /^\S(?:.*\S)?$/, maxLength: 64 })),
    [],
    'Names of fields, parameters and headers whose values may be shown in `/api/violations`: numbers, booleans, and the first 100 characters of text. Without it no payload value is ever kept.',
  ),
});

/** The first place that enforces; a share below 1 would then refuse by chance (CP-3). */
function enforces(config: ContractConfig): boolean {
  const operations = Object.values(config.operations);
  return (
    [config.request, config.response, config.undocumented].includes('enforce') ||
    operations.some(({ request, response }) => request === 'enforce' || response === 'enforce')
  );
}

export const contractSchema: Schema<ContractConfig> = checked(written, (config) =>
  config.sample < 1 && enforces(config)
    ? { code: 'sample_with_enforce', message: `${config.sample} cannot go with enforce: every exchange must be judged`, below: ['sample'] }
    : undefined,
);
