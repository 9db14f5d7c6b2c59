/** A place in a configuration: keys and list indices from the root. */
export type Path = readonly (string | number)[];

/** What is wrong with one value, without its place. */
export interface Fault {
  /** Stable, snake_case. */
  readonly code: string;
  /** For people; reads on after the place. Never ends in a full stop. */
  readonly message: string;
  readonly found?: string;
  readonly allowed?: readonly string[];
  readonly suggestion?: string;
}

export interface Issue extends Fault {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  /** Whether the key itself is at fault or what stands under it. */
  readonly on: 'key' | 'value';
}

/** Hostile input may have a mistake in every byte; nobody reads more than this. */
const MAX_ISSUES = 500;

/** Collects everything that is wrong, in the order in which it was found. */
export class Issues {
  readonly list: Issue[] = [];
  /** Issues beyond the limit. */
  dropped = 0;
  readonly #broken: Path[] = [];

  error(path: Path, fault: Fault, on: 'key' | 'value' = 'value'): void {
    this.#add({ ...fault, severity: 'error', path, on });
  }

  warn(path: Path, fault: Fault, on: 'key' | 'value' = 'value'): void {
    this.#add({ ...fault, severity: 'warning', path, on });
  }

  /** Marks a place as unusable: what is wrong there has been said, and nothing at or below it is taken any more. */
  broken(path: Path): void {
    if (this.#broken.length < MAX_ISSUES) this.#broken.push(path);
  }

  /** Whether an error at, above or below this place is known: what is derived from it would only repeat it. */
  touches(path: Path): boolean {
    return (
      this.#broken.some((at) => related(at, path)) || this.list.some((issue) => issue.severity === 'error' && related(issue.path, path))
    );
  }

  /** Whether the whole of this place could not be read, so that nothing is known of what is in it. */
  unreadable(path: Path): boolean {
    return [...this.#broken, ...this.list.filter((issue) => issue.severity === 'error').map((issue) => issue.path)].some(
      (at) => at.length <= path.length && related(at, path),
    );
  }

  get failed(): boolean {
    return this.dropped > 0 || this.list.some((issue) => issue.severity === 'error');
  }

  #add(issue: Issue): void {
    if (this.#broken.some((at) => at.length <= issue.path.length && related(at, issue.path))) return;
    if (this.list.length < MAX_ISSUES) this.list.push(issue);
    else this.dropped += 1;
  }
}

function related(a: Path, b: Path): boolean {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
