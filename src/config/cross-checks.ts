import { EVERY_ADDRESS } from '../core/listen.ts';
import { type Issues, type Path, nearest } from '../core/schema.ts';
import { isMapping } from '../core/schema/object.ts';
import { checkConsumers } from './consumer-checks.ts';
import { checkMatches } from './match-checks.ts';
import { checkPorts } from './ports-check.ts';
import { checkRateLimits } from './rate-limit-checks.ts';
import type { Configuration } from './schema.ts';
import { checkStore } from './store-checks.ts';
import { checkCircuit, checkPlaces } from './upstream-policy-checks.ts';
import { isLoopback } from './values.ts';

type Route = Configuration['routes'][number];

/** What one key alone cannot say. Nothing is said of a place that is known to be wrong. */
export function crossCheck(config: Configuration, root: unknown, issues: Issues): void {
  checkPorts(config, issues);
  checkStore(config, root, issues);
  checkConsumers(config, issues);
  const names = new Map<string, number>();
  checkMatches(config.routes, issues);
  for (const [i, route] of config.routes.entries()) {
    const at = ['routes', i];
    unique(names, route.name, i, (first) => {
      complain(issues, [...at, 'name'], 'duplicate_name', `"${route.name}" is the name of routes[${first}] too`);
    });
    checkReferences(config, route, at, issues);
    checkStripPrefix(route, at, issues);
    if (route.contract === undefined) {
      if (route.webhooks !== undefined)
        complain(issues, [...at, 'webhooks'], 'needs_contract', 'webhooks are those of a contract, and the route has no `contract`');
      checkNeedsContract(root, [...at, 'policies', 'contract'], 'the route has no `contract`', issues);
      checkRequired(root, [...at, 'policies'], 'the route has no `contract`', issues);
    }
    checkTimes(route.policies, [...at, 'policies'], issues);
    checkEmpty(root, [...at, 'policies'], issues);
    checkRateLimits(route.policies.rateLimit, config.store, [...at, 'policies'], issues);
    checkCircuit(route.policies, [...at, 'policies'], issues);
    checkPlaces(config, route, at, issues);
  }
  checkTimes(config.policies, ['policies'], issues);
  checkRateLimits(config.policies.rateLimit, config.store, ['policies'], issues);
  checkEmpty(root, ['policies'], issues);
  checkCircuit(config.policies, ['policies'], issues);
  if (config.routes.every((route) => route.contract === undefined)) {
    checkNeedsContract(root, ['policies', 'contract'], 'no route has a `contract`', issues);
    checkRequired(root, ['policies'], 'no route has a `contract`', issues);
  }
  checkUnused(config, issues);
  checkEgress(config, issues);
}

function unique(seen: Map<string, number>, key: string, index: number, again: (first: number) => void): void {
  const first = seen.get(key);
  if (first === undefined) seen.set(key, index);
  else again(first);
}

function complain(issues: Issues, path: Path, code: string, message: string, suggestion?: string): void {
  if (!issues.touches(path)) issues.error(path, { code, message, ...(suggestion !== undefined && { suggestion }) });
}

function checkReferences(config: Configuration, route: Route, at: Path, issues: Issues): void {
  const missing = (key: 'listener' | 'contract', name: string, section: 'listeners' | 'contracts'): void => {
    const names = Object.keys(config[section]);
    if (names.includes(name) || issues.unreadable([section])) return;
    complain(
      issues,
      [...at, key],
      `unknown_${key}`,
      `there is no ${key} "${name}"${names.length > 0 ? `; there is ${names.slice(0, 20).join(', ')}` : ''}`,
      nearest(name, names),
    );
  };
  missing('listener', route.listener, 'listeners');
  if (route.contract !== undefined) missing('contract', route.contract, 'contracts');
}

function checkStripPrefix({ match, upstream }: Route, at: Path, issues: Issues): void {
  const strip = upstream.stripPrefix;
  if (strip === undefined || covers(strip, match.path) || covers(match.path, strip)) return;
  const path = [...at, 'upstream', 'stripPrefix'];
  if (!issues.touches(path))
    issues.warn(path, { code: 'never_stripped', message: `no request of this route begins with ${strip}: its match is ${match.path}` });
}

function covers(prefix: string, path: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

/** Modes that were written down, and would be read and ignored. */
function checkNeedsContract(root: unknown, at: Path, why: string, issues: Issues): void {
  const policy = valueAt(root, at);
  if (!isMapping(policy)) return;
  for (const side of ['request', 'response', 'undocumented']) {
    const mode = Object.hasOwn(policy, side) ? policy[side] : undefined;
    if (mode === 'report' || mode === 'enforce') complain(issues, [...at, side], 'needs_contract', `${mode} needs a contract, and ${why}`);
  }
}

/** Operations that would never be met. */
function checkRequired(root: unknown, at: Path, why: string, issues: Issues): void {
  for (const policy of ['idempotency', 'precondition']) {
    const path = [...at, policy, 'required'];
    const required = valueAt(root, path);
    if (Array.isArray(required) && required.length > 0)
      complain(issues, path, 'needs_contract', `operations are those of a contract, and ${why}`);
  }
}

function checkTimes({ deadline }: Configuration['policies'], at: Path, issues: Issues): void {
  if (deadline?.totalMs === undefined || deadline.attemptMs === undefined || deadline.attemptMs <= deadline.totalMs) return;
  if (issues.touches([...at, 'deadline', 'total'])) return;
  issues.warn([...at, 'deadline', 'attempt'], { code: 'attempt_over_total', message: 'is longer than `total`, and so never has a say' });
}

/** `retry:` with nothing behind it looks as if it switched something on. */
function checkEmpty(root: unknown, at: Path, issues: Issues): void {
  const policies = valueAt(root, at);
  if (!isMapping(policies)) return;
  for (const [name, written] of Object.entries(policies)) {
    if (written !== null || issues.touches([...at, name])) continue;
    const message = 'has no value, and is as if it were not there; `{}` is the policy with its defaults';
    issues.warn([...at, name], { code: 'empty_policy', message }, 'key');
  }
}

/** Whoever reaches it speaks to partners in the name of the service. */
function checkEgress({ listeners }: Configuration, issues: Issues): void {
  for (const [name, { direction, host }] of Object.entries(listeners)) {
    if (direction === 'ingress' || (host !== undefined && isLoopback(host)) || issues.touches(['listeners', name])) continue;
    const message = `${host ?? EVERY_ADDRESS} can be reached from elsewhere; an egress listener is for the service beside it: 127.0.0.1`;
    issues.warn(['listeners', name, 'host'], { code: 'egress_reachable', message });
  }
}

function checkUnused(config: Configuration, issues: Issues): void {
  for (const name of Object.keys(config.listeners)) {
    if (config.routes.some((route) => route.listener === name) || issues.touches(['routes'])) continue;
    issues.warn(['listeners', name], { code: 'unused_listener', message: 'has no route: every request to it is answered 404' }, 'key');
  }
  for (const name of Object.keys(config.contracts)) {
    if (config.routes.some((route) => route.contract === name) || issues.touches(['routes'])) continue;
    issues.warn(['contracts', name], { code: 'unused_contract', message: 'no route is held against it' }, 'key');
  }
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isMapping(value) && Object.hasOwn(value, part)) value = value[part];
    else return undefined;
  }
  return value;
}
