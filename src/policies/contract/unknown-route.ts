import type { Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';

const UNKNOWN = {
  path: { rule: 'undocumented_path', specPointer: '/paths', detail: 'the contract does not know this path' },
  method: { rule: 'undocumented_method', specPointer: '/paths', detail: 'the contract does not know this method on this path' },
  webhook: { rule: 'undocumented_webhook', specPointer: '/webhooks', detail: 'the contract does not know this webhook' },
} as const;

/** What is wrong with a request of which the contract knows no operation. */
export function unknownRoute({ match }: Exchange): Violation {
  const miss = match !== undefined && 'miss' in match ? match.miss : 'path';
  return { ...UNKNOWN[miss], side: 'request', location: 'route', pointer: '' };
}
