/** What a load test is told by environment variables. Pure: no k6 here, so that the root's tests can run it. */

export type Profile = 'short' | 'full';

export interface Settings {
  /** Origin of the gateway, without a `/` at its end. */
  readonly target: string;
  /** Origin of the service behind it. */
  readonly direct: string;
  /** Origin of the gateway's admin listener. */
  readonly admin: string;
  readonly profile: Profile;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
  /** What 95 and 99 of 100 answers must be faster than. */
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Folder for the summary as JSON. */
  readonly out: string;
}

/** What holds for a script where nothing is said. */
export interface Usual {
  readonly target?: string;
  readonly short: Pace;
  readonly full: Pace;
}

interface Pace {
  readonly rate: number;
  readonly seconds: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
const MAX_RATE = 100_000;
const MAX_SECONDS = 7 * 86_400;

/** @throws where a variable makes no sense; the message names it. */
export function settingsFrom(env: Environment, usual: Usual): Settings {
  const profile = given(env, 'PROFILE') ?? 'short';
  if (profile !== 'short' && profile !== 'full') throw new Error(`PROFILE is short or full, not ${JSON.stringify(profile)}`);
  const pace = usual[profile];
  return {
    target: originOf(env, 'TARGET', usual.target ?? 'http://127.0.0.1:7080'),
    direct: originOf(env, 'DIRECT', 'http://127.0.0.1:3000'),
    admin: originOf(env, 'ADMIN', 'http://127.0.0.1:7090'),
    profile,
    rate: numberOf(env, 'RATE', pace.rate, MAX_RATE),
    seconds: secondsOf(env, 'DURATION', pace.seconds),
    p95Ms: numberOf(env, 'P95_MS', 250, 600_000),
    p99Ms: numberOf(env, 'P99_MS', 1000, 600_000),
    out: given(env, 'OUT') ?? '.',
  };
}

/** What a variable says; an empty one says nothing. */
export function given(env: Environment, name: string): string | undefined {
  const text = env[name];
  return text === undefined || text === '' ? undefined : text;
}

function originOf(env: Environment, name: string, usual: string): string {
  const text = given(env, name) ?? usual;
  if (!/^https?:\/\/[^/?#\s]+\/*$/.test(text)) throw new Error(`${name} is an origin such as ${usual}, not ${JSON.stringify(text)}`);
  return text.replace(/\/+$/, '');
}

function numberOf(env: Environment, name: string, usual: number, most: number): number {
  const text = given(env, name);
  if (text === undefined) return usual;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= most)) throw new Error(`${name} is a whole number from 1 to ${most}, not ${JSON.stringify(text)}`);
  return value;
}

function secondsOf(env: Environment, name: string, usual: number): number {
  const text = given(env, name);
  if (text === undefined) return usual;
  const [, count, unit = ''] = /^(\d+)([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? Number.NaN);
  if (!(seconds >= 1 && seconds <= MAX_SECONDS))
    throw new Error(`${name} is a duration such as 90s, 5m or 1h, not ${JSON.stringify(text)}`);
  return seconds;
}
