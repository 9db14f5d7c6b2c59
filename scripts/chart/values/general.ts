import { type Value, choice, leaf, list, mapOf, mapping, section, word } from '../describe.ts';
import { DNS_LABEL, DNS_SUBDOMAIN, FILE_KEY, annotations, closed, labels } from '../forms.ts';
import { localReference } from './pods.ts';

/** Where the program comes from; the repository is what the command line knows, too. */
export function image(repository: string): Value {
  return section('The container image.', {
    repository: word('Where it is, without a tag.', repository, 'image name', '^[a-z0-9]+([._:/-]+[a-z0-9]+)*$'),
    tag: word("Its tag. Empty: the chart's `appVersion`.", '', 'tag', '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$'),
    digest: word(
      'Its digest, which goes before the tag: nothing else can be pulled then.',
      '',
      '`sha256:` and 64 digits',
      '^sha256:[0-9a-f]{64}$',
    ),
    pullPolicy: choice('When it is pulled. Empty: as Kubernetes decides by the tag.', '', ['', 'Always', 'IfNotPresent', 'Never']),
  });
}

export const general: Readonly<Record<string, Value>> = {
  nameOverride: word("In place of the chart's name, in names and in the label `app.kubernetes.io/name`.", '', 'DNS label', DNS_LABEL),
  fullnameOverride: word(
    'In place of release and name: what all names begin with. At most 40 characters are kept.',
    '',
    'DNS label',
    DNS_LABEL,
  ),
  labels: leaf('Labels of every object and pod of this chart.', {}, 'mapping: label → value', labels),
  annotations: leaf('Annotations of every object of this chart, not of its pods.', {}, 'mapping: annotation → text', annotations),
  imagePullSecrets: list(
    "Secrets of this chart's own pods for pulling the image. An application's pod has its own.",
    'list of `{ name }`',
    localReference,
  ),
};

const inline = { type: 'string' } as const;

export const contracts: Value = mapping(
  'API contracts by name; the name is the label `api` in metrics. Each is either text, `openapi` (`--set-file contracts.billing.openapi=openapi.yaml`) with the `files` that it refers to, which become a ' +
    'ConfigMap of this chart, or `fromConfigMap`, one that is there. A ConfigMap takes 1 MiB.',
  'mapping: name → `{ openapi, files }` or `{ fromConfigMap: { name, key, files } }`',
  closed({
    openapi: { ...inline, description: 'The OpenAPI document, YAML or JSON.' },
    files: { ...mapOf(FILE_KEY, inline), description: 'Further documents by file name, beside it: what its `$ref` name.' },
    fromConfigMap: {
      ...closed(
        {
          name: { type: 'string', pattern: DNS_SUBDOMAIN },
          key: { type: 'string', pattern: FILE_KEY, default: 'openapi.yaml' },
          files: { type: 'array', items: { type: 'string', pattern: FILE_KEY }, uniqueItems: true },
        },
        ['name'],
      ),
      description: 'A ConfigMap of the same namespace: its name, the key of the document (`openapi.yaml`), and keys of further documents.',
    },
  }),
  '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
);
