import type { Issues, Path } from '../core/schema.ts';
import type { Configuration } from './schema.ts';

/** Beyond its connections requests would wait in the pool, where neither `queue` nor `queueTimeout` bounds them. */
export function checkPlaces({ policies }: Configuration, route: Configuration['routes'][number], at: Path, issues: Issues): void {
  const own = route.policies.concurrency;
  const limit = (own ?? policies.concurrency)?.limit;
  const { connections } = route.upstream;
  const path = own === undefined ? [...at, 'upstream'] : [...at, 'policies', 'concurrency', 'limit'];
  if (limit === undefined || limit <= connections || issues.touches([...at, 'upstream']) || issues.touches(path)) return;
  const message = `the limit of ${limit} requests at a time is more than the ${connections} connections to the upstream`;
  issues.warn(path, { code: 'limit_over_connections', message });
}

export function checkCircuit({ circuitBreaker }: Configuration['policies'], at: Path, issues: Issues): void {
  if (circuitBreaker === undefined || circuitBreaker.openMs <= circuitBreaker.maxOpenMs) return;
  const path = [...at, 'circuitBreaker', 'open'];
  if (!issues.touches(path)) issues.warn(path, { code: 'open_over_max', message: 'is longer than `maxOpen`, and so never has a say' });
}
