import {
  type Schema,
  checked,
  choice,
  defaulted,
  durationMs,
  later,
  mapped,
  nearest,
  object,
  optional,
  pathPrefix,
  record,
  string,
} from '../../core/schema.ts';
import { isUrl, urlFault } from '../../core/fetched-url.ts';
import { ownerSchema, slaSchema } from '../../core/ownership.ts';
import { show } from '../../core/schema/show.ts';
import { NAME, NAME_FORM } from '../values.ts';

const pathOrUrl: Schema<string> = checked(string({ type: 'path or URL', maxLength: 4096 }), (text) => {
  if (text === '') return { code: 'malformed', message: 'is empty; expected the path or the URL of a document' };
  const fault = isUrl(text) ? urlFault(text) : undefined;
  if (fault === undefined) return undefined;
  const found = show(text.replace(/\/\/[^/@]*@/, '//***@'));
  return { code: 'malformed', message: `${found} ${fault}`, found };
});

/** A word or a path, told apart by the first character, so that a slip is reported as what it was meant to be. */
const basePath: Schema<string> = wordOrPath(['auto', 'none']);

function wordOrPath(words: readonly [string, ...string[]]): Schema<string> {
  const path = pathPrefix();
  const word = checked(string({ type: `${words.join(', ')} or a path`, maxLength: 4096 }), (text) => {
    if (words.includes(text)) return undefined;
    const found = show(text);
    const suggestion = nearest(text, words);
    return {
      code: 'not_allowed',
      message: `${found} is not one of ${words.join(', ')}, or a path (begins with /)`,
      found,
      allowed: words,
      ...(suggestion !== undefined && { suggestion }),
    };
  });
  return {
    ...path,
    empty: words[0],
    parse: (value, at, issues) => (typeof value === 'string' && value.startsWith('/') ? path : word).parse(value, at, issues),
    jsonSchema: () => ({ anyOf: [{ enum: words }, path.jsonSchema()] }),
    doc: () => ({ type: `${words.map((w) => `\`${w}\``).join(', ')} or path` }),
  };
}

const contract = object({
  openapi: optional(
    pathOrUrl,
    'OpenAPI document, YAML or JSON: a path, taken from the directory of the configuration; a directory with `openapi.yaml`, `openapi.yml` or `openapi.json`; or a URL (`https`, and `http` on loopback). Required in this version.',
  ),
  basePath: defaulted(
    basePath,
    'auto',
    "What requests have before the document's paths: `auto` takes it from `servers`, `none` nothing, or a path.",
  ),
  refs: defaulted(
    choice(['files', 'https']),
    'files',
    'What `$ref` may reach: `files` those of this machine, and of the origin that the document itself was fetched from; `https` documents of other hosts, too.',
  ),
  formats: defaulted(choice(['assert', 'annotate']), 'assert', 'Whether `format` is checked.'),
  onError: defaulted(
    choice(['exit', 'proxy']),
    'exit',
    '`exit`: a contract that cannot be loaded stops the start. `proxy`: traffic passes unjudged, and the metrics say so.',
  ),
  owner: optional(
    ownerSchema,
    'Shown by `/api/contracts`; `team` is the label `owner` of `plumbline_contract_info`. What is left out is taken from the document (`info.x-plumbline`).',
  ),
  sla: optional(
    slaSchema,
    'What was promised: shown by `/api/contracts`, and every exchange counts for or against it. What is left out is taken from the document (`info.x-plumbline`).',
  ),
  graphql: later('GraphQL schema.'),
  protobuf: later('Protobuf descriptors.'),
  events: later('AsyncAPI document.'),
  webhooks: later('Webhooks.'),
  poll: optional(
    durationMs({ min: 1000, max: 86_400_000 }),
    'How often it is asked whether a document of the network has changed (`ETag`, `Last-Modified`). Absent: `60s`. Only with a URL, or with `refs: https`.',
  ),
  baseline: optional(
    string({ type: 'path', maxLength: 4096 }),
    'File of findings that are known and accepted, as `plumbline drift baseline` writes it: they are acknowledged as long as it lists them. A path, taken from the directory of the configuration; watched as the document is.',
  ),
});

/** That `openapi` is missing is not said where another protocol is named: that one is reported already. Editors need no such care. */
const withProtocol: typeof contract = {
  ...checked(contract, ({ openapi, refs, poll }) => {
    if (openapi === undefined) return { code: 'missing_key', message: 'needs `openapi`, the path of a document', below: ['openapi'] };
    if (poll === undefined || refs === 'https' || isUrl(openapi)) return undefined;
    return {
      code: 'not_allowed',
      message: 'nothing is polled here: files are watched (`reload`); it goes with a URL or `refs: https`',
      below: ['poll'],
    };
  }),
  jsonSchema: () => ({ ...contract.jsonSchema(), required: ['openapi'] }),
};

export const contractsSchema = record(
  mapped(withProtocol, ({ openapi = '', ...rest }) => ({ ...rest, openapi })),
  { key: 'name', form: NAME_FORM, pattern: NAME },
);
