import { systemClock } from '../adapters/system-clock/system.ts';
import type { Settings } from '../config/settings.ts';
import type { FindingKeeping } from '../observation/drift/keeping.ts';
import type { Observability } from './observability.ts';
import { StartError } from './start-error.ts';

export interface OpenedState {
  close(): void;
}

/**
 * Opens `state.dir`, and has what must survive the process read from it and kept in it; undefined where none is configured, and then nothing of
 * SQLite is loaded. Throws StartError where it cannot be used.
 */
export async function openState(
  { state }: Settings,
  { outcomes, logger, prometheus }: Observability,
  findings: FindingKeeping,
): Promise<OpenedState | undefined> {
  if (state === undefined) return undefined;
  const [sqlite, { StateError }, { stateMetrics }] = await Promise.all([
    import('../adapters/sqlite-state/state.ts'),
    import('../adapters/sqlite-state/state-error.ts'),
    import('../adapters/sqlite-state/metrics.ts'),
  ]);
  try {
    const opened = sqlite.openState(state.dir, systemClock.wallMs());
    prometheus.meter
      .gauge(stateMetrics.setAside)
      .with()
      .set(opened.setAside === undefined ? 0 : 1);
    if (opened.setAside !== undefined)
      logger.warn({ set_aside: opened.setAside }, 'the state file is damaged: it was set aside, and a new one begun');
    outcomes.keepIn(opened.outcomes);
    findings.keepIn(opened.findings);
    return opened;
  } catch (error) {
    if (error instanceof StateError) throw new StartError(error.message);
    throw error;
  }
}
