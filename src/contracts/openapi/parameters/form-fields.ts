import type { ParsedBody } from '../../../core/parsed-body.ts';
import type { Findings, Judging } from '../judging.ts';
import { unitOf } from '../judging.ts';
import type { Content } from '../media/content-table.ts';
import { ARRAY, OBJECT, SCALAR, STRING } from '../schema/shape.ts';
import type { Unit } from '../schema/units.ts';
import { candidates } from './coerce.ts';
import { eachPair, formDecode } from './decode.ts';

/** How one field of a form is read. */
interface Field {
  readonly types: number;
  readonly itemTypes: number;
  /** Schemas of the property, one for each place that describes it. */
  readonly units: readonly Unit[];
  /** An object, a list of such, or described only as one of `additionalProperties`: not in this version. */
  readonly unsupported: boolean;
}

const MAX_FIELDS = 2000;
const MAX_KNOWN = 500;

/** `application/x-www-form-urlencoded` with the default encoding: scalars as they are, lists as repeated names. */
export class FormFields {
  readonly #judging: Judging;
  readonly #content: Content;
  readonly #side: 'request' | 'response';
  /** By name as it comes; bounded, for the names come from traffic. */
  readonly #fields = new Map<string, Field>();

  constructor(judging: Judging, content: Content, side: 'request' | 'response') {
    this.#judging = judging;
    this.#content = content;
    this.#side = side;
  }

  judge(body: ParsedBody, findings: Findings): void {
    const { unit, model } = this.#content;
    if (unit === undefined) return;
    const text = body.text();
    if (model.hasEncoding || text === null) {
      findings.skip('unsupported');
      return;
    }
    const raw = new Map<string, string[]>();
    let malformed = false;
    eachPair(text, (rawName, rawValue) => {
      const name = formDecode(rawName);
      const value = formDecode(rawValue);
      if (name === undefined || value === undefined) malformed = true;
      else if (!raw.has(name)) {
        if (raw.size < MAX_FIELDS) raw.set(name, [value]);
      } else raw.get(name)?.push(value);
    });
    if (malformed) {
      findings.add('malformed', 'body', '', model.place, 'the form is not percent-encoded UTF-8');
      return;
    }
    const members: Array<[string, unknown]> = [];
    for (const [name, values] of raw) {
      const field = this.#field(name);
      if (field.unsupported) {
        findings.skip('unsupported');
        return;
      }
      members.push([name, this.#read(field, values, body.byteLength)]);
    }
    // A name `__proto__` becomes a member like any other.
    findings.judge(unit, Object.fromEntries(members), body.byteLength, 'body', '');
  }

  #read(field: Field, values: readonly string[], bytes: number): unknown {
    const one = values[0] as string;
    const scalars = values.length === 1 ? candidates(one, field.types).map((c) => c.value) : [];
    const list =
      (field.types & ARRAY) === 0 && values.length === 1 ? undefined : values.map((v) => candidates(v, field.itemTypes)[0]?.value ?? v);
    const readings = list === undefined ? scalars : [...scalars, list, ...((field.itemTypes & STRING) === 0 ? [] : [values])];
    const fits = readings.find((reading) => field.units.every((unit) => unit.judge(reading, bytes) === true));
    return fits ?? (readings.length > 0 ? readings[0] : one);
  }

  #field(name: string): Field {
    const known = this.#fields.get(name);
    if (known !== undefined) return known;
    const { shapes } = this.#judging;
    const { schema } = this.#content.model;
    const nodes = schema === undefined ? [] : shapes.property(schema, name);
    const types = nodes.reduce((all, node) => all & shapes.types(node), nodes.length === 0 ? STRING | ARRAY : ~0);
    const itemTypes = nodes.reduce((all, node) => all | shapes.itemTypes(node), nodes.length === 0 ? STRING : 0);
    const field: Field = {
      types,
      itemTypes,
      units: nodes.flatMap((node) => unitOf(this.#judging, node, this.#side) ?? []),
      unsupported:
        (types & ~OBJECT) === 0 ||
        (nodes.length === 0 && schema !== undefined && shapes.describesOthers(schema)) ||
        ((types & SCALAR) === 0 && (itemTypes & SCALAR) === 0),
    };
    if (this.#fields.size < MAX_KNOWN) this.#fields.set(name, field);
    return field;
  }
}
