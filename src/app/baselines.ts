import { readBounded } from '../adapters/contract-source.ts';
import type { WatchedFile } from '../adapters/config-watch/file-watch.ts';
import { type Fingerprint, fingerprint, fingerprintOf } from '../adapters/config-watch/fingerprint.ts';
import type { Problem } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { readingOf } from '../contracts/registry.ts';
import type { DocumentReader, FileReading, PlacedWanted, Position } from '../core/document-reading.ts';
import { type BaselineFault, readBaseline } from '../observation/drift/baseline.ts';

/** The baseline file of a contract, as it was read. */
export interface ReadBaseline {
  readonly path: string;
  readonly fingerprint: Fingerprint;
  /** Notes by id. */
  readonly entries: ReadonlyMap<string, string>;
  /** An error: it is no baseline, and says nothing. */
  readonly problems: readonly Problem[];
}

/** A hundred times what 5,000 findings need. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Smaller files are read at once: it takes some milliseconds. */
const LARGE_BYTES = 128 * 1024;
/** The most that can be kept at all. */
const MOST = 20_000;

/** YAML or JSON, whatever it describes. */
const HERE = readingOf('openapi');

/** `limit`: findings that are kept (0: none, and then the file is still looked at). `reader`: for large files, where requests must not wait. Never rejects. */
export async function readBaselineFile(
  { name, baseline: path }: { readonly name: string; readonly baseline: string },
  limit: number,
  reader?: DocumentReader,
): Promise<ReadBaseline> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(path, MAX_BYTES);
  } catch (error) {
    const code = 'file_unreadable';
    const problems = [problem(name, path, { severity: 'error', code, message: (error as Error).message, pointer: '' })];
    return { path, fingerprint: await fingerprint(path, MAX_BYTES), entries: new Map(), problems };
  }
  const of = { path, fingerprint: await fingerprintOf(bytes) };
  const reading: DocumentReader | FileReading = reader === undefined || bytes.length <= LARGE_BYTES ? HERE : reader;
  try {
    const { is, value, syntax, message, position } = (await reading.read(path, bytes)) as unknown as Parsed;
    if (is !== 'parsed') {
      const fault = is === 'not_utf8' ? 'is not UTF-8 text' : `cannot be parsed: ${message}`;
      return {
        ...of,
        entries: new Map(),
        problems: [problem(name, path, { severity: 'error', code: is, message: `the baseline ${fault}`, pointer: '' }, position)],
      };
    }
    const { entries, faults } = readBaseline(value, limit === 0 ? MOST : limit);
    const wanted: PlacedWanted = { syntax, pointers: faults.map(({ pointer }) => pointer) };
    const places = faults.length === 0 ? [] : await reading.place(bytes, wanted);
    return { ...of, entries, problems: faults.map((fault, i) => problem(name, path, fault, places[i])) };
  } catch (error) {
    const fault = {
      severity: 'error',
      code: 'not_parsed',
      message: `the baseline cannot be read: ${(error as Error).message}`,
      pointer: '',
    } as const;
    return { ...of, entries: new Map(), problems: [problem(name, path, fault)] };
  }
}

/** What the reading of a document gives. */
interface Parsed {
  readonly is: 'parsed' | 'not_parsed' | 'not_utf8';
  readonly syntax: string;
  readonly value?: unknown;
  readonly message?: string;
  readonly position?: Position;
}

function problem(contract: string, file: string, fault: BaselineFault, { line, column }: Position = { line: 0, column: 0 }): Problem {
  return { ...fault, file, line, column, contract };
}

/** The baseline files of a configuration, ready to come into force. */
export interface LoadedBaselines {
  readonly byContract: ReadonlyMap<string, ReadBaseline>;
  /** Contracts of which another one would be in force. */
  readonly changed: readonly string[];
  /** Why the configuration cannot be taken with them. */
  readonly fatal: readonly Problem[];
  /** What is wrong, or doubtful, in those that were read now. */
  readonly problems: readonly Problem[];
  readonly files: readonly WatchedFile[];
}

const NOTHING: ReadonlyMap<string, string> = new Map();

/** Baseline files in force, and the way to newer ones. One that cannot be used never replaces one that can: nobody is woken for a slip of the pen. */
export class Baselines {
  /** By contract, as it was read last. */
  readonly #newest = new Map<string, ReadBaseline>();
  #inForce = new Map<string, ReadonlyMap<string, string>>();

  /**
   * Reads what has changed; nothing comes into force. `whole`: the configuration is new, and a file of a contract with `onError: exit` that cannot be used
   * is fatal to it, as its document would be.
   */
  async load({ contracts, telemetry }: Settings, how: 'whole' | 'each', reader: DocumentReader | undefined): Promise<LoadedBaselines> {
    const byContract = new Map<string, ReadBaseline>();
    const [changed, fatal, problems]: [string[], Problem[], Problem[]] = [[], [], []];
    for (const { name, baseline, onError } of Object.values(contracts)) {
      if (baseline === undefined) continue;
      const known = this.#newest.get(name);
      const isKnown = known?.path === baseline && (await fingerprint(baseline, MAX_BYTES)) === known.fingerprint;
      const read = isKnown ? known : await readBaselineFile({ name, baseline }, telemetry.limits.findings, reader);
      this.#newest.set(name, read);
      byContract.set(name, read);
      const errors = read.problems.filter(({ severity }) => severity === 'error');
      if (how === 'whole' && onError === 'exit') fatal.push(...errors);
      else if (!isKnown) problems.push(...errors);
      if (!isKnown) problems.push(...read.problems.filter(({ severity }) => severity !== 'error'));
      if (errors.length === 0 && this.of(name) !== read.entries) changed.push(name);
    }
    const files = [...byContract.values()].map(({ path, fingerprint: of }) => ({ path, fingerprint: of, maxBytes: MAX_BYTES }));
    return { byContract, changed, fatal, problems, files };
  }

  /** They are in force. */
  take({ byContract }: LoadedBaselines): void {
    const before = this.#inForce;
    this.#inForce = new Map();
    for (const [name, { entries, problems }] of byContract) {
      const usable = problems.every(({ severity }) => severity !== 'error');
      this.#inForce.set(name, usable ? entries : (before.get(name) ?? NOTHING));
    }
    for (const name of this.#newest.keys()) if (!byContract.has(name)) this.#newest.delete(name);
  }

  /** Notes of the findings that the file of a contract lists, by id. */
  of(contract: string): ReadonlyMap<string, string> {
    return this.#inForce.get(contract) ?? NOTHING;
  }
}
