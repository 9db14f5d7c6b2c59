import { ownershipOf } from '../../core/ownership.ts';
import { type Problem, toPointer } from '../problem.ts';
import type { RouteSettings, Settings } from '../settings.ts';
import type { ContractOf } from '../unknown-operations.ts';

/** Contracts of which neither the configuration nor the document says who owns them (product, O6): an alert cannot say whom to call. */
export function ownerless(settings: Settings, contractOf: ContractOf): Problem[] {
  const problems: Problem[] = [];
  for (const configured of Object.values(settings.contracts)) {
    const { name } = configured;
    if (ownershipOf(configured, contractOf(name)?.declared).owner?.team !== undefined) continue;
    const used = settings.routes.filter((route) => route.contract === name);
    const dependency = used.find((route) => isEgress(route, settings));
    // That no route uses it is said already.
    if (used.length === 0) continue;
    const pointer = toPointer(['contracts', name]);
    problems.push({
      severity: dependency === undefined ? 'info' : 'warning',
      code: 'no_owner',
      message:
        dependency === undefined
          ? 'has no `owner.team`: alerts cannot say whose API it is'
          : `the service depends on it (route ${dependency.name}), and it has no \`owner.team\`: whom to call when it fails?`,
      ...settings.placeOf(pointer),
      pointer,
      contract: name,
    });
  }
  return problems;
}

/** Upstreams of which no route knows a contract: nothing that they answer is judged. */
export function contractless(settings: Settings): Problem[] {
  const known = new Set(settings.routes.filter(({ contract }) => contract !== undefined).map(hostOf));
  const problems: Problem[] = [];
  for (const [i, route] of settings.routes.entries()) {
    const host = hostOf(route);
    if (known.has(host)) continue;
    known.add(host);
    const pointer = toPointer(['routes', i]);
    const egress = isEgress(route, settings);
    problems.push({
      severity: egress ? 'warning' : 'info',
      code: 'no_contract',
      message: egress
        ? `the service depends on ${host}, and no route to it has a \`contract\`: nothing that it answers is judged`
        : `no route to ${host} has a \`contract\`: nothing of this traffic is judged`,
      ...settings.placeOf(pointer),
      pointer,
    });
  }
  return problems;
}

function hostOf({ upstream }: RouteSettings): string {
  return upstream.url.slice(upstream.url.indexOf('://') + 3);
}

function isEgress({ listener }: RouteSettings, { listeners }: Settings): boolean {
  return listeners.find(({ name }) => name === listener)?.direction === 'egress';
}
