import type { Problem } from '../problem.ts';
import type { Settings } from '../settings.ts';
import type { ContractOf } from '../unknown-operations.ts';
import { contractless, ownerless } from './dependencies.ts';
import { outOfReach, unnamedWebhooks } from './reach.ts';

/** What is doubtful in a configuration that can be used, taken together with its contracts. Only `check` asks. */
export function lintConfiguration(settings: Settings, contractOf: ContractOf): readonly Problem[] {
  return [
    ...ownerless(settings, contractOf),
    ...contractless(settings),
    ...outOfReach(settings, contractOf),
    ...unnamedWebhooks(settings, contractOf),
  ];
}
