import { MESH } from './mesh.ts';
import { ANNOTATIONS, INJECT_LABEL, OTHER_TRAFFIC_PORT, TRAFFIC_PORT } from './names.ts';
import type { Container, PodView, Port } from './pod.ts';
import { namesIn } from './port-references.ts';
import { type Refused, refused } from './result.ts';

/** The app's port that traffic is led away from. */
export interface TakenPort {
  readonly container: Container;
  /** Undefined: the container does not declare it. */
  readonly port: Port | undefined;
  readonly number: number;
  /** What the port is called in the end; undefined: it has no name and needs none. */
  readonly nameOfApp: string | undefined;
  /** What Plumbline's own is called. */
  readonly nameOfTraffic: string;
}

/** Which port is the app's: the one that was named, else `http`, else the only one. */
export function takePort(view: PodView, wanted: string | undefined): TakenPort | Refused {
  const apps = view.containers.filter(({ kind, name }) => kind === 'container' && !MESH.has(name));
  const found = /^\d+$/.test(wanted ?? '') ? byNumber(apps, Number(wanted)) : byName(apps, wanted);
  return 'is' in found ? found : named(found, view);
}

interface Found {
  readonly container: Container;
  readonly port: Port | undefined;
  readonly number: number;
}

function tcpPorts(containers: readonly Container[]): (Found & { readonly port: Port })[] {
  return containers.flatMap((container) =>
    container.ports.filter(({ protocol }) => protocol === 'TCP').map((port) => ({ container, port, number: port.number })),
  );
}

/** A port need not be declared to be one: the kubelet and Services dial numbers. */
function byNumber(apps: readonly Container[], number: number): Found | Refused {
  const [first, second] = tcpPorts(apps).filter(({ port }) => port.number === number);
  if (first !== undefined && second !== undefined) {
    return refused('no_port', `port ${number} is declared twice, in ${both(first, second)}: name one in ${ANNOTATIONS.port}`);
  }
  const container = first?.container ?? apps[0];
  if (container === undefined) return refused('no_port', 'there is no container but the proxy of a mesh');
  return { container, port: first?.port, number };
}

function byName(apps: readonly Container[], wanted: string | undefined): Found | Refused {
  const all = tcpPorts(apps);
  const name = wanted ?? TRAFFIC_PORT;
  const [first, second] = all.filter(({ port }) => port.name === name);
  if (first !== undefined && second !== undefined) {
    return refused('no_port', `two ports are called ${name}, in ${both(first, second)}: give the number in ${ANNOTATIONS.port}`);
  }
  if (first !== undefined) return first;
  if (wanted !== undefined) return refused('no_port', `no container has a TCP port called ${wanted}; there are ${listed(all)}`);
  const [only, another] = all;
  if (only === undefined)
    return refused(
      'no_port',
      `no container declares a TCP port: give the app's number in ${ANNOTATIONS.port}, or label the pod ${INJECT_LABEL}: disabled`,
    );
  if (another !== undefined) {
    return refused('no_port', `several TCP ports and none called ${name} (${listed(all)}): say which in ${ANNOTATIONS.port}`);
  }
  return only;
}

function both(a: Found, b: Found): string {
  return a.container === b.container ? a.container.name : `${a.container.name} and ${b.container.name}`;
}

const MAX_LISTED = 6;

function listed(found: readonly (Found & { readonly port: Port })[]): string {
  if (found.length === 0) return 'none';
  const names = found.slice(0, MAX_LISTED).map(({ port }) => port.name ?? String(port.number));
  return `${names.join(', ')}${found.length > MAX_LISTED ? ', …' : ''}`;
}

/** Plumbline's port takes the name, so that whoever asks by name need not change; the app's own gets another. */
function named(found: Found, view: PodView): TakenPort | Refused {
  const all = view.containers.flatMap((container) => container.ports.map((port) => ({ container, port })));
  const names = new Set(all.map(({ port }) => port.name));
  const name = found.port?.name;
  if (name === undefined) {
    const nameOfTraffic = [TRAFFIC_PORT, OTHER_TRAFFIC_PORT].find((candidate) => !names.has(candidate));
    if (nameOfTraffic === undefined)
      return refused('name_taken', `both ${TRAFFIC_PORT} and ${OTHER_TRAFFIC_PORT} are names of other ports`);
    return { ...found, nameOfApp: undefined, nameOfTraffic };
  }
  const twin = all.find(
    ({ container, port }) => port.name === name && port !== found.port && (port.protocol === 'TCP' || container === found.container),
  );
  if (twin !== undefined) {
    return refused(
      'port_name',
      `the port ${name} of ${found.container.name} has a namesake in ${twin.container.name}: a Service could mean either`,
    );
  }
  // Not one that a probe already says, though no port has it: taking the name back later would change that probe.
  const nameOfApp = freeName(name, names.union(namesIn(found.container)));
  if (nameOfApp === undefined) return refused('name_taken', `every name that the port ${name} could be given is taken`);
  return { ...found, nameOfApp, nameOfTraffic: name };
}

const MAX_NAME = 15;

/** `http-app`; of a long name what fits into 15 characters; where that is taken `http-app2` to `http-app9`. */
function freeName(name: string, taken: ReadonlySet<unknown>): string | undefined {
  const suffixes = ['-app', ...Array.from({ length: 8 }, (_, i) => `-app${i + 2}`)];
  return suffixes
    .map((suffix) => name.slice(0, MAX_NAME - suffix.length).replace(/-+$/, '') + suffix)
    .find((candidate) => !taken.has(candidate));
}
