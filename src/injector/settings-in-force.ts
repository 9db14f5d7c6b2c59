import { parseDocument } from 'yaml';
import { type InjectSettings, describeProblem, parseInjectSettings } from '../inject/settings.ts';
import type { Gauge, Logger, Meter } from '../core/ports.ts';
import { injectorMetrics } from './metrics.ts';

/** What becomes of a pod whose annotations are wrong. */
export const ON_REFUSED = ['allow', 'deny'] as const;

export interface InjectorSettings {
  readonly inject: InjectSettings;
  /** `deny`: a pod whose annotations are wrong is not created. All other refusals leave the pod as it is. */
  readonly onRefused: (typeof ON_REFUSED)[number];
}

export type ReadSettings = { readonly settings: InjectorSettings } | { readonly problems: readonly string[] };

/** What one mistake says; a file of mistakes is not told to its end. */
const MAX_TOLD = 20;

/**
 * The settings file: what `plumbline inject` takes, as YAML or JSON, and `onRefused` besides. All problems at once, each one line that names its place.
 */
export function readSettings(text: string): ReadSettings {
  const document = parseDocument(text, { uniqueKeys: true });
  const broken = document.errors.map(({ message }) => message.split('\n', 1)[0] as string);
  if (broken.length > 0) return { problems: broken.slice(0, MAX_TOLD) };
  let written: unknown;
  try {
    written = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    // An alias of nothing, or aliases of aliases without end.
    return { problems: [(error as Error).message] };
  }
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return { problems: ['the settings are no mapping'] };
  const { onRefused = 'allow', ...inject } = written as Record<string, unknown>;
  const parsed = parseInjectSettings(inject);
  const problems = parsed.problems.map((problem) => describeProblem(problem));
  const known = ON_REFUSED.find((one) => one === onRefused);
  if (known === undefined) problems.push(`onRefused: takes ${ON_REFUSED.join(' or ')}`);
  if (parsed.settings === undefined || known === undefined) return { problems: problems.slice(0, MAX_TOLD) };
  return { settings: { inject: parsed.settings, onRefused: known } };
}

export interface SettingsInForceParts {
  /** For messages. */
  readonly file: string;
  readonly meter: Meter;
  readonly logger: Logger;
}

/** The settings by which reviews are answered; what cannot be used changes nothing, and is told. */
export class SettingsInForce {
  readonly #parts: SettingsInForceParts;
  readonly #success: Gauge;
  #current: InjectorSettings | undefined = undefined;
  /** Why the newest cannot be used; undefined where they are in force. */
  fault: string | undefined = undefined;

  constructor(parts: SettingsInForceParts) {
    this.#parts = parts;
    this.#success = parts.meter.gauge(injectorMetrics.settingsSuccess).with();
  }

  /** @throws before the first that could be used. */
  get current(): InjectorSettings {
    if (this.#current === undefined) throw new Error('settings are asked for before there are any');
    return this.#current;
  }

  /** What the file holds now, or why it cannot be read. */
  read(contents: { readonly bytes: Uint8Array } | { readonly fault: string }): void {
    const { file, logger } = this.#parts;
    const read = 'fault' in contents ? { problems: [contents.fault] } : readSettings(Buffer.from(contents.bytes).toString('utf8'));
    const isFirst = this.#current === undefined;
    if ('settings' in read) {
      this.#current = read.settings;
      this.fault = undefined;
      this.#success.set(1);
      logger.info({ file, image: read.settings.inject.image }, isFirst ? 'settings are in force' : 'new settings are in force');
      return;
    }
    this.fault = `${file}: ${read.problems.join('; ')}`;
    this.#success.set(0);
    if (!isFirst) logger.error({ file, problems: read.problems }, 'the settings cannot be used; those before stay in force');
  }
}
