import { type FieldName, type RawHeaders, connectionOptions, fieldName } from './headers.ts';

/** One change; a value of undefined removes. */
interface Edit {
  readonly field: FieldName;
  /** Spelling where it is added. */
  name: string;
  value: string | undefined;
}

/**
 * Changes to a header section, written down now and applied in one pass when the message is sent. `set` replaces every
 * field of that name (at the place of the first, keeping the sender's spelling of the name) or adds one at the end; `remove` drops them all.
 * A list, not a map: there are a dozen at most, and each is asked for once a field.
 */
export class Edits {
  readonly #list: Edit[] = [];
  /** The bits of all names. */
  #bits = 0;

  set(name: string, value: string): void {
    this.#put(fieldName(name), name, value);
  }

  remove(lower: string): void {
    this.#put(fieldName(lower), lower, undefined);
  }

  #put(field: FieldName, name: string, value: string | undefined): void {
    const known = this.find(field);
    if (known === undefined) {
      this.#list.push({ field, name, value });
      this.#bits |= field.bit;
    } else {
      known.name = name;
      known.value = value;
    }
  }

  find(field: FieldName): Edit | undefined {
    if ((this.#bits & field.bit) === 0) return undefined;
    for (const edit of this.#list) if (edit.field === field || edit.field.lower === field.lower) return edit;
    return undefined;
  }

  get size(): number {
    return this.#list.length;
  }

  get all(): readonly Edit[] {
    return this.#list;
  }
}

/**
 * The header section to send: `headers` without hop-by-hop fields and those that Connection lists (RFC 9110 §7.6.1),
 * without `dropped` (a lower-case name), with the edits applied, later lists of edits winning over earlier ones.
 */
export function forwardHeaders(headers: RawHeaders, edits: Edits, later?: Edits, dropped?: ReadonlySet<string>): string[] {
  const listed = connectionOptions(headers);
  const out: string[] = [];
  let placed: Edit[] | undefined;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const field = fieldName(name);
    if (field.hopByHop || listed?.includes(field.lower) || dropped?.has(field.lower)) continue;
    const edit = later?.find(field) ?? edits.find(field);
    if (edit === undefined) {
      out.push(name, headers[i + 1] as string);
    } else if (edit.value !== undefined && !placed?.includes(edit)) {
      placed ??= [];
      placed.push(edit);
      out.push(name, edit.value);
    }
  }
  add(out, edits, placed, later);
  if (later !== undefined) add(out, later, placed, undefined);
  return out;
}

/** A section that stands by itself, an interim answer's or a trailer section: without fields of the hop and of framing, which mean nothing there. */
export function forwardAside(fields: RawHeaders): RawHeaders {
  if (fields.length === 0) return fields;
  return forwardHeaders(fields, NO_EDITS, undefined, FRAMING);
}

const NO_EDITS = new Edits();
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'host']);

function add(out: string[], edits: Edits, placed: readonly Edit[] | undefined, overruledBy: Edits | undefined): void {
  for (const edit of edits.all) {
    if (edit.value === undefined || placed?.includes(edit) || overruledBy?.find(edit.field) !== undefined) continue;
    out.push(edit.name, edit.value);
  }
}
