import { contractSource } from '../adapters/contract-source.ts';
import type { ContractSettings, Settings } from '../config/settings.ts';
import type { Problem } from '../config/problem.ts';
import { unknownOperations } from '../config/unknown-operations.ts';
import { loadContract } from '../contracts/registry.ts';
import type { Contract } from '../core/contract.ts';
import type { ContractProblem } from '../core/contract-loading.ts';
import type { Clock, Logger, Meter, Timers } from '../core/ports.ts';
import type { ContractItem } from '../core/views.ts';
import { appMetrics } from './metrics.ts';
import { StartError } from './start-error.ts';

/** Between two slices of the warm-up; each compiles one validator. */
const WARM_UP_PAUSE_MS = 8;

export interface LoadedContracts {
  readonly byName: ReadonlyMap<string, Contract>;
  readonly items: readonly ContractItem[];
}

export interface ContractDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** Loads every contract of a configuration. Throws StartError with all problems where one fails that the configuration calls fatal. */
export async function loadContracts(settings: Settings, deps: ContractDeps): Promise<LoadedContracts> {
  const byName = new Map<string, Contract>();
  const items: ContractItem[] = [];
  const fatal: Problem[] = [];
  const info = deps.meter.gauge(appMetrics.contractInfo);
  const success = deps.meter.gauge(appMetrics.reloadSuccess);
  for (const contract of Object.values(settings.contracts)) {
    const { contract: loaded, problems } = await load(contract);
    for (const problem of problems) {
      if (problem.severity === 'error' && contract.onError === 'exit') fatal.push({ ...problem, contract: contract.name });
      else warn(deps.logger, contract.name, problem);
    }
    success.with(contract.name).set(loaded === undefined ? 0 : 1);
    items.push(itemOf(contract, loaded, problems.find(({ severity }) => severity === 'error')?.message, deps.clock));
    if (loaded === undefined) continue;
    byName.set(contract.name, loaded);
    info.with(contract.name, loaded.version, loaded.digest, contract.owner?.team ?? '').set(1);
  }
  fatal.push(...unknownOperations(settings, (name) => byName.get(name)?.operations.map(({ id }) => id)));
  if (fatal.length > 0) throw new StartError('the contracts cannot be used', fatal);
  return { byName, items };
}

function warn(logger: Logger, contract: string, { message, ...where }: ContractProblem): void {
  logger.warn({ contract, ...where }, message);
}

function load({ name, path, basePath, formats }: ContractSettings) {
  return loadContract('openapi', { name, uri: path, basePath, formats, ...contractSource() });
}

function itemOf(settings: ContractSettings, contract: Contract | undefined, error: string | undefined, clock: Clock): ContractItem {
  return {
    name: settings.name,
    version: contract?.version ?? '',
    digest: contract?.digest ?? '',
    operations: contract?.operations.length ?? 0,
    state: contract === undefined ? 'missing' : 'active',
    ...(contract === undefined && error !== undefined && { error }),
    loadedAt: contract === undefined ? null : new Date(clock.wallMs()).toISOString(),
    owner: settings.owner ?? null,
    sla: settings.sla ?? null,
  };
}

/** Compiles validators in the background, one at a time, so that hardly any request has to wait for its own. */
export function warmUp(contracts: Iterable<Contract>, timers: Timers): void {
  const waiting = [...contracts];
  const step = (): void => {
    while (waiting[0] !== undefined && !waiting[0].warmUp()) waiting.shift();
    if (waiting.length > 0) timers.after(WARM_UP_PAUSE_MS, step);
  };
  timers.after(WARM_UP_PAUSE_MS, step);
}
