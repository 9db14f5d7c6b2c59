import { boolean, choice, defaulted, durationMs, integer, list, mapped, object, required, string } from '../../core/schema.ts';
import { addressBlock, host, openHost } from '../values.ts';

const port = integer({ min: 0, max: 65_535 });

export const serviceSchema = object({
  name: defaulted(string({ maxLength: 128 }), 'unnamed', 'Name of the service that the gateway stands beside; shown by `/api/config`.'),
  version: defaulted(string({ maxLength: 128 }), '', 'Version of that service; shown there.'),
  environment: defaulted(string({ maxLength: 128 }), '', 'Where it runs: `production`, `staging`; shown there.'),
});

/** What can be sent as `Authorization: Bearer` (RFC 6750 §2.1). An empty one is none: `${PLUMBLINE_ADMIN_TOKEN:-}`. */
const token = mapped(
  string({ type: 'token', form: 'letters, digits, - . _ ~ + /', pattern: /^[A-Za-z0-9._~+/-]*=*$/, maxLength: 512, secret: true }),
  (text) => (text === '' ? undefined : text),
);

export const adminSchema = object({
  host: defaulted(host(), '127.0.0.1', 'Where health, metrics and the API listen. Off loopback `token` is required.'),
  port: defaulted(port, 7090, '0 lets the system choose.'),
  token: defaulted(token, '', 'What `/` and `/api` ask for as `Authorization: Bearer`. Empty: none.'),
});

export const probesSchema = object({
  host: openHost('Where `/healthz`, `/readyz`, `/startupz` and `/metrics` listen besides, without a token; by default on every address.'),
  port: defaulted(port, 7091, '0 lets the system choose.'),
});

export const drainSchema = object({
  delay: defaulted(
    durationMs({ max: 3_600_000 }),
    '0s',
    'How long connections are still accepted after SIGTERM, each for one answer, while `/readyz` already says no.',
  ),
  grace: defaulted(durationMs({ max: 3_600_000 }), '25s', 'How long what is in flight may still run after that; then it is cut.'),
});

export const reloadSchema = object({
  watch: defaulted(
    boolean(),
    true,
    'Take changed files (this one, contracts, what they refer to) without a restart. `false`: at SIGHUP only, which reads them at once.',
  ),
  poll: defaulted(
    durationMs({ min: 100, max: 3_600_000 }),
    '2s',
    'How often the files are read and compared besides, where the system tells of no change (network file systems).',
  ),
});

export const stateSchema = object({
  dir: required(
    string({ type: 'path', form: 'not empty', pattern: /./, maxLength: 4096 }),
    'A directory that is there and can be written to; no other process may use it. A path is taken from the directory of the configuration.',
  ),
});

export const trustSchema = object({
  peers: defaulted(
    list(addressBlock()),
    ['127.0.0.0/8', '::1/128'],
    'Whose consumer names, timeouts and forwarding headers are believed: addresses or blocks in CIDR notation.',
  ),
  ids: defaulted(choice(['anyone', 'peers']), 'anyone', 'Whose request, correlation and trace identifiers are taken over.'),
});

export const hygieneSchema = object({
  paths: defaulted(
    choice(['reject', 'normalise']),
    'reject',
    'Paths with an encoded slash, a backslash or a dot segment: `reject` them with 400, or `normalise` them before routes, contracts and the upstream see them.',
  ),
  underscores: defaulted(
    choice(['reject', 'pass']),
    'reject',
    'Header names that become one of the gateway’s own where `_` is read as `-` (`X_Request_ID`): `reject` the request with 400, or `pass` them on.',
  ),
});

export const errorsSchema = object({
  detail: defaulted(
    choice(['full', 'codes', 'none']),
    'full',
    'How much answers of the gateway itself say: `full` with the broken fields, `codes` without their messages, `none` without the fields.',
  ),
});
