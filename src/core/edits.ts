import { type RawHeaders, connectionOptions, fieldName } from './headers.ts';

/**
 * Changes to a header section, written down now and applied in one pass when the message is sent. `set` replaces every
 * field of that name (at the place of the first, keeping the sender's spelling of the name) or adds one at the end; `remove` drops them all.
 */
export class Edits {
  /** lower-case name → [spelling used when added, value]; a value of undefined removes. */
  readonly #changes = new Map<string, { readonly name: string; readonly value: string | undefined }>();

  set(name: string, value: string): void {
    this.#changes.set(fieldName(name).lower, { name, value });
  }

  remove(lower: string): void {
    this.#changes.set(lower, { name: lower, value: undefined });
  }

  get(lower: string): { readonly name: string; readonly value: string | undefined } | undefined {
    return this.#changes.get(lower);
  }

  get size(): number {
    return this.#changes.size;
  }

  names(): IterableIterator<string> {
    return this.#changes.keys();
  }
}

/**
 * The header section to send: `headers` without hop-by-hop fields and those that Connection lists (RFC 9110 §7.6.1),
 * without `dropped` (a lower-case name), with the edits applied, later lists of edits winning over earlier ones.
 */
export function forwardHeaders(headers: RawHeaders, edits: Edits, later?: Edits, dropped?: ReadonlySet<string>): string[] {
  const listed = connectionOptions(headers);
  const out: string[] = [];
  let placed: Set<string> | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const field = fieldName(name);
    if (field.hopByHop || listed?.includes(field.lower) || dropped?.has(field.lower)) continue;
    const change = later?.get(field.lower) ?? edits.get(field.lower);
    if (change === undefined) {
      out.push(name, headers[i + 1] as string);
    } else if (change.value !== undefined && !placed?.has(field.lower)) {
      placed ??= new Set();
      placed.add(field.lower);
      out.push(name, change.value);
    }
  }
  add(out, edits, placed, later);
  if (later !== undefined) add(out, later, placed, undefined);
  return out;
}

function add(out: string[], edits: Edits, placed: Set<string> | undefined, overruledBy: Edits | undefined): void {
  for (const lower of edits.names()) {
    if (placed?.has(lower) || overruledBy?.get(lower) !== undefined) continue;
    const change = edits.get(lower);
    if (change?.value !== undefined) out.push(change.name, change.value);
  }
}
