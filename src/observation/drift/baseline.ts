import { isFindingId } from './finding-id.ts';

/** One thing that is wrong in a baseline file. `pointer`: where (RFC 6901); `on`: whether its key or its value. */
export interface BaselineFault {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly pointer: string;
}

export interface Baseline {
  /** Notes by id. */
  readonly entries: ReadonlyMap<string, string>;
  readonly faults: readonly BaselineFault[];
}

/** Members of an entry that say for people which finding it is. Nothing is made of them. */
const FOR_PEOPLE = ['kind', 'operation', 'pointer', 'name', 'note'];
/** UTF-16 code units. */
const MAX_NOTE = 500;
/** What follows is mostly of the same kind: it is counted, and the entries without fault hold. */
const MAX_FAULTS = 50;

/**
 * What a baseline file says: `{findings: [{id, kind?, operation?, pointer?, name?, note?}]}`. An entry that is wrong is left out, with a warning, and the others
 * hold: a slip in one of them must not wake anybody for all. What is no such file is an error. `most`: entries beyond it are left out.
 */
export function readBaseline(value: unknown, most: number): Baseline {
  const entries = new Map<string, string>();
  const faults: BaselineFault[] = [];
  let untold = 0;
  const warn = (code: string, message: string, pointer: string): void => {
    if (faults.length < MAX_FAULTS - 1) faults.push({ severity: 'warning', code, message, pointer });
    else untold += 1;
  };
  if (!isObject(value)) return { entries, faults: [notABaseline('')] };
  const { findings, ...others } = value;
  if (!Array.isArray(findings)) return { entries, faults: [notABaseline(findings === undefined ? '' : '/findings')] };
  for (const name of Object.keys(others))
    warn('unknown_key', `${JSON.stringify(name)} means nothing here; there is only \`findings\``, `/${member(name)}`);
  if (findings.length > most)
    warn(
      'too_many',
      `lists ${findings.length} findings; those after the first ${most} are not read (telemetry.limits.findings)`,
      `/findings/${most}`,
    );
  const first = new Map<string, number>();
  for (const [i, entry] of findings.slice(0, most).entries()) {
    const at = `/findings/${i}`;
    const id = idOf(entry, at, warn);
    if (id === undefined) continue;
    const before = first.get(id);
    if (before !== undefined) warn('duplicate', `${id} is listed already, as /findings/${before}`, `${at}/id`);
    else {
      first.set(id, i);
      entries.set(id, noteOf(entry as Fields, at, warn));
    }
  }
  if (untold > 0)
    faults.push({
      severity: 'warning',
      code: 'more',
      message: `has ${untold} more of such faults, which are not listed`,
      pointer: '/findings',
    });
  return { entries, faults };
}

type Fields = Readonly<Record<string, unknown>>;
type Warn = (code: string, message: string, pointer: string) => void;

function idOf(entry: unknown, at: string, warn: Warn): string | undefined {
  if (!isObject(entry)) {
    warn('wrong_type', 'an entry is an object with the id of a finding', at);
    return undefined;
  }
  const { id } = entry;
  if (typeof id === 'string' && isFindingId(id)) return id;
  if (id === undefined) warn('missing_id', 'has no `id`', at);
  else if (typeof id === 'number') warn('wrong_id', 'reads as a number: put the id in quotes', `${at}/id`);
  else warn('wrong_id', 'is not the id of a finding: 16 hexadecimal digits in lower case', `${at}/id`);
  return undefined;
}

function noteOf(entry: Fields, at: string, warn: Warn): string {
  for (const name of Object.keys(entry)) {
    if (name === 'id') continue;
    if (!FOR_PEOPLE.includes(name))
      warn('unknown_key', `${JSON.stringify(name)} means nothing here; known are id, ${FOR_PEOPLE.join(', ')}`, `${at}/${member(name)}`);
    else if (typeof entry[name] !== 'string') warn('wrong_type', `\`${name}\` is a text`, `${at}/${name}`);
  }
  const { note } = entry;
  return typeof note === 'string' ? note.slice(0, MAX_NOTE) : '';
}

function notABaseline(pointer: string): BaselineFault {
  return { severity: 'error', code: 'not_a_baseline', message: 'is no baseline: it must be an object with a list `findings`', pointer };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 6901 §3. */
function member(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
