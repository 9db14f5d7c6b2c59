import { type Issues, nearest } from '../core/schema.ts';
import type { Configuration } from './schema.ts';

/** Contracts that consumers are said to be built on, and that the configuration does not have. */
export function checkConsumers({ consumers, contracts }: Configuration, issues: Issues): void {
  if (issues.unreadable(['contracts'])) return;
  const known = Object.keys(contracts);
  for (const [name, { contracts: built }] of Object.entries(consumers))
    for (const contract of Object.keys(built)) {
      const path = ['consumers', name, 'contracts', contract];
      if (known.includes(contract) || issues.touches(path)) continue;
      const suggestion = nearest(contract, known);
      issues.error(
        path,
        { code: 'unknown_contract', message: `there is no contract "${contract}"`, ...(suggestion !== undefined && { suggestion }) },
        'key',
      );
    }
}
