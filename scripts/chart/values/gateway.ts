import { type Leaf, type Value, choice, leaf, list, mapping, section, word } from '../describe.ts';
import { ADDRESS_BLOCK, DNS_SUBDOMAIN, ENV_NAME, closed, keyOf, unlessEmpty } from '../forms.ts';
import { resources } from './pods.ts';

/** What a gateway is told, whether it stands beside a service or in front of one. `said`: which of its settings a whole configuration says itself. */
export function gateway(said: string): Readonly<Record<string, Value>> {
  return {
    config: leaf(
      `A whole \`plumbline.yaml\` in place of the one that is made of ${said}, which are refused beside it. Its contracts lie in \`contracts/<name>/\`; \`drain\`, where it is not said, fits the time that the pod has. Keys: [configuration](../../docs/configuration.md).`,
      {},
      'configuration',
      unlessEmpty({ $ref: '#/$defs/configuration' }),
    ),
    configFrom: section(
      'The same from a ConfigMap that is there, key `plumbline.yaml`. Nothing is added to it: it says `probes: {}` and how it ends (`drain`) itself.',
      {
        configMap: word('Its name. Empty: none.', '', 'name of a ConfigMap', DNS_SUBDOMAIN),
      },
    ),
    api: word('Which of `contracts`. Empty: the only one.', '', 'name', '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    enforce: choice(
      'What is refused when it breaks the contract. `none`: everything passes, and is reported. Other than `none`, a contract that is missing keeps the gateway from starting.',
      'none',
      ['none', 'request', 'response', 'both'],
    ),
    owner: leaf('The team that owns the API: the label `owner` of alerts. Empty: what the contract says.', '', 'text', {
      type: 'string',
      maxLength: 200,
    }),
    log: log('The access log: one JSON line an exchange, or none.'),
    trustedPeers: peers(),
    env: env(),
  };
}

function peers(): Leaf {
  return list(
    'Whose consumer names, timeouts and forwarding headers are believed. Empty: loopback and the private ranges (RFC 1918, 100.64.0.0/10, fc00::/7). A LoadBalancer that hides the client behind an address of its own (SNAT) looks like the inside.',
    'list of address blocks',
    { type: 'string', pattern: ADDRESS_BLOCK },
  );
}

function env(): Leaf {
  return mapping(
    `Environment variables, for \`\${VAR}\` in the configuration: a text, or where it comes from.`,
    'mapping: name → text, `{ secretKeyRef }` or `{ configMapKeyRef }`',
    {
      anyOf: [
        { type: 'string' },
        closed({ secretKeyRef: keyOf }, ['secretKeyRef']),
        closed({ configMapKeyRef: keyOf }, ['configMapKeyRef']),
        closed({ fieldRef: closed({ fieldPath: { type: 'string' } }, ['fieldPath']) }, ['fieldRef']),
      ],
    },
    ENV_NAME,
  );
}

/** `off` without quotes is false for Helm, which reads YAML 1.1. */
export function log(text: string): Leaf {
  return leaf(text, 'stdout', '`stdout`, `off`', { enum: ['stdout', 'off', false] });
}

export function resourcesOf(standard: Leaf['standard'], text: string): Leaf {
  return leaf(text, standard, '`{ requests, limits }`', resources);
}
