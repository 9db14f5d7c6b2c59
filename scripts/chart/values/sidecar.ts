import { DEFAULT_SETTINGS } from '../../../src/inject/settings.ts';
import { type Json, type Leaf, type Value, choice, flag, integer, leaf, section } from '../describe.ts';
import { PORT_NAME, QUANTITY } from '../forms.ts';
import { gateway, resourcesOf } from './gateway.ts';

const PORTS = [1, 65_535] as const;

export function portName(text: string, standard: string): Leaf {
  return leaf(text, standard, 'port name', { type: 'string', pattern: PORT_NAME, maxLength: 15 });
}

/** What `plumbline.sidecar` and its sisters read; they are included by the chart of a service. */
export const sidecar: Value = section(
  'The sidecar that the library templates (`plumbline.initContainers`, `plumbline.containers`, `plumbline.volumes`) put into the pod of a service, by the chart of that service.',
  {
    enabled: flag('`false`: the templates give nothing, and the application has its port name back. That is how it is taken out.', true),
    form: choice(
      '`native`: an init container that keeps running (`restartPolicy: Always`), which starts before the application and ends after it. `legacy`: a container among the others. `auto`: native from Kubernetes 1.29 on.',
      'auto',
      ['auto', 'native', 'legacy'],
    ),
    port: integer("The application's port. 0: not said, which is refused.", 0, [0, 65_535]),
    portName: portName("The name of that port, which the sidecar takes over. The application's own is called `http-app` then.", 'http'),
    ...gateway('`api`, `enforce`, `owner`, `log` and `trustedPeers`'),
    ports: section("The sidecar's ports. Others only where the application has these itself.", {
      traffic: integer('Requests.', 7080, PORTS),
      probes: integer('Health and metrics, for the kubelet and Prometheus. Named `plumbline`.', 7091, PORTS),
      admin: integer('Page and API, on loopback only.', 7090, PORTS),
    }),
    resources: resourcesOf(DEFAULT_SETTINGS.resources as Json, 'What it is given; docs/sizing.md says why.'),
    terminationGracePeriodSeconds: integer(
      'What the pod says: how long its end may take. The sidecar drains within it.',
      30,
      [0, 1_000_000_000],
    ),
    stateSizeLimit: leaf('Size of the volume for what must survive a crash of the container (`state.dir`).', '64Mi', 'quantity', {
      type: 'string',
      pattern: QUANTITY,
    }),
  },
);
