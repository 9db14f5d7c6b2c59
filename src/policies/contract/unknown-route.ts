import type { Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type Rejection, rejection } from '../../core/rejection.ts';

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

/** What its caller is told in enforce. */
export function refusalOfUnknown({ match }: Exchange, { detail }: Violation): Rejection {
  if (match !== undefined && 'miss' in match && match.miss === 'method')
    return rejection('METHOD_NOT_ALLOWED', detail, { headers: ['Allow', match.allow.join(', ')] });
  return rejection('OPERATION_NOT_FOUND', detail);
}
