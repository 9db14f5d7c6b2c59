/**
 * One spelling of a webhook's name: a document may say `branch-protection-rule-created` or `invoicePaid` where the header says
 * `branch_protection_rule` and the body `invoice.paid`.
 */
export function spelling(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
}

/** Longer names are none: what is asked for comes from traffic. */
const MAX_LENGTH = 256;

/** Webhooks by name: as the document writes it, else in another spelling, where that means one of them only. */
export class Names<T> {
  readonly #exact: ReadonlyMap<string, T>;
  readonly #spelt = new Map<string, T | undefined>();

  constructor(named: ReadonlyMap<string, T>) {
    this.#exact = named;
    for (const [name, one] of named) this.#spelt.set(spelling(name), this.#spelt.has(spelling(name)) ? undefined : one);
  }

  get(name: string): T | undefined {
    if (name.length > MAX_LENGTH) return undefined;
    return this.#exact.get(name) ?? this.#spelt.get(spelling(name));
  }

  /** Those whose name is `name` with something behind it (`check_run` → `check-run-created`), by that rest in one spelling. */
  under(name: string): ReadonlyMap<string, T> {
    const found = new Map<string, T>();
    if (name.length > MAX_LENGTH) return found;
    const prefix = `${spelling(name)}-`;
    for (const [spelt, one] of this.#spelt) if (one !== undefined && spelt.startsWith(prefix)) found.set(spelt.slice(prefix.length), one);
    return found;
  }
}
