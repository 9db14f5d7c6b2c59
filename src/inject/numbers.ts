import { isMapping } from '../core/schema/object.ts';
import { ADMIN_NUMBER, PROBES_NUMBER, PROBES_PORT, TRAFFIC_NUMBER } from './names.ts';
import type { PodView } from './pod.ts';
import { PROBES } from './port-references.ts';
import { type Refused, refused } from './result.ts';

/** Where the sidecar listens. All containers of a pod share one address. */
export interface Numbers {
  readonly traffic: number;
  readonly probes: number;
  readonly admin: number;
}

const STANDARD: Numbers = { traffic: TRAFFIC_NUMBER, probes: PROBES_NUMBER, admin: ADMIN_NUMBER };

/** Numbers that nothing else in the pod is known to use. A configuration of the user's own decides them itself: there they are the standard ones, or none. */
export function chooseNumbers(view: PodView, appNumber: number, config: string | undefined): Numbers | Refused {
  const owner = view.containers.find(({ ports }) => ports.some(({ name }) => name === PROBES_PORT));
  if (owner !== undefined)
    return refused('name_taken', `a port of ${owner.name} is called ${PROBES_PORT}, which is the name of Plumbline's own`);
  const used = new Set([appNumber, ...usedNumbers(view)]);
  if (config !== undefined) {
    const clash = Object.values(STANDARD).find((number) => used.has(number));
    if (clash === undefined) return STANDARD;
    return refused(
      'ports_taken',
      `the pod itself uses port ${clash}, where the configuration in the ConfigMap ${config} is taken to listen`,
    );
  }
  const [traffic, probes, admin] = [STANDARD.traffic, STANDARD.probes, STANDARD.admin].map((standard) =>
    [0, 100, 200, 300, 400].map((more) => standard + more).find((number) => !used.has(number)),
  );
  if (traffic === undefined || probes === undefined || admin === undefined) {
    return refused(
      'ports_taken',
      `the pod uses all of the ports that Plumbline could listen on, ${TRAFFIC_NUMBER} to ${PROBES_NUMBER + 400}`,
    );
  }
  return { traffic, probes, admin };
}

/** TCP ports that are declared, and those that are probed: not all that are used are declared. */
function* usedNumbers({ containers }: PodView): Generator<number> {
  for (const { ports, value } of containers) {
    for (const { number, protocol } of ports) if (protocol === 'TCP') yield number;
    for (const key of PROBES) {
      const probe = value[key];
      if (!isMapping(probe)) continue;
      for (const handler of [probe.httpGet, probe.tcpSocket, probe.grpc]) {
        if (isMapping(handler) && typeof handler.port === 'number') yield handler.port;
      }
    }
  }
}
