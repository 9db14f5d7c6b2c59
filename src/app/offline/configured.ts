import type { ContractSettings, ListenerSettings, Settings } from '../../config/settings.ts';
import type { Contract } from '../../core/contract.ts';
import { type Routed, RouteTable } from '../../pipeline/routes.ts';
import { type Lane, type Subject, asReport, laneSpec } from './lane.ts';

/** What of a configuration recorded traffic is held against. */
export interface Wanted {
  readonly settings: Settings;
  readonly contract: ContractSettings;
  readonly listener: ListenerSettings;
}

/**
 * Which contract and which listener are meant; or why that is not clear, for people. `api`, `listener`: as somebody said, undefined: nobody did. Listeners
 * whose routes lead the same traffic to the contract, and judge it alike, are one.
 */
export function wantedOf(settings: Settings, api: string | undefined, listener: string | undefined): Wanted | string {
  const names = Object.keys(settings.contracts);
  const name = api ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined)
    return names.length === 0 ? 'the configuration has no contract' : `--api says which contract: ${names.join(', ')}`;
  const contract = Object.hasOwn(settings.contracts, name) ? settings.contracts[name] : undefined;
  if (contract === undefined) return `the configuration has no contract ${JSON.stringify(name)}; it has ${names.join(', ')}`;
  const leading = settings.listeners.filter((one) => routesOf(settings, one).some((route) => route.contract === name));
  const [first] = leading;
  if (first === undefined) return `no route leads to the contract ${name}`;
  if (listener !== undefined) {
    const said = leading.find((one) => one.name === listener);
    return said === undefined
      ? `--listener takes one whose routes lead to ${name}: ${leading.map((one) => one.name).join(', ')}`
      : { settings, contract, listener: said };
  }
  const ways = new Set(leading.map((one) => wayOf(settings, one)));
  if (ways.size > 1) return `--listener says whose routes: ${leading.map((one) => one.name).join(', ')} do not judge ${name} alike`;
  return { settings, contract, listener: first };
}

function routesOf({ routes }: Settings, { name }: ListenerSettings): Settings['routes'] {
  return routes.filter((route) => route.listener === name);
}

/** The same for listeners that make the same of recorded traffic. */
function wayOf(settings: Settings, listener: ListenerSettings): string {
  const routes = routesOf(settings, listener).map(({ match, upstream, contract, webhooks, policies }) => {
    return [match, upstream.stripPrefix, contract, webhooks, contract === undefined ? undefined : asReport(policies.contract)];
  });
  return JSON.stringify([listener.direction, routes]);
}

/** Leads recorded requests as the listener would: what another route takes is not held against this contract. */
export function configuredSubject({ settings, listener }: Wanted, contract: Contract, baseline: ReadonlyMap<string, string>): Subject {
  const { name, direction } = listener;
  const consumers = settings.identity.consumer;
  const entries = routesOf(settings, listener).map((route) => {
    const named = route.contract === contract.name ? contract : undefined;
    const to = route.webhooks === undefined ? named : named?.webhooks?.named(route.webhooks);
    const spec = laneSpec(route.name, name, direction, to);
    const lane: Lane | undefined = to && {
      spec,
      config: asReport(route.policies.contract),
      consumers,
      stripPrefix: route.upstream.stripPrefix ?? '',
    };
    return { match: route.match, route: { spec, lane } };
  });
  const table = new RouteTable<Routed & { readonly lane: Lane | undefined }>(entries, {
    spec: laneSpec('_none', name, direction, undefined),
    lane: undefined,
  });
  return { contract, baseline, laneOf: (head) => table.find(head).lane };
}
