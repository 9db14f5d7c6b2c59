import type { ItemCheck, Outcome, Side, Violation } from '../../../core/contract.ts';
import { escapeToken } from '../document/pointer.ts';
import { Findings, type Judging } from '../judging.ts';
import type { Content } from '../media/content-table.ts';
import type { ContentModel } from '../model.ts';
import { objectOf } from '../parameters/coerce.ts';
import { ValueSchema, mixtures } from '../parameters/value-schema.ts';
import { judgeReadings } from '../readings.ts';
import { OBJECT } from '../schema/shape.ts';
import { Sequence } from '../sequence/sequence.ts';
import { PartPlan } from './part-plan.ts';
import { type PartReadings, type PartValue, bytesOf, readPart, readParts } from './part-value.ts';
import { PartsReader } from './parts-reader.ts';

/** Names come from traffic: the memory of them is bounded. */
const MAX_KNOWN = 500;

/** What is known of a multipart media type before any message. */
export class Multipart {
  readonly #judging: Judging;
  readonly #content: Content;
  readonly #side: Side;
  readonly #root: ValueSchema;
  /** What describes a member is known only while it is judged. */
  readonly #isOpaque: boolean;
  readonly #byName = new Map<string, PartPlan>();
  readonly #byPosition = new Map<number, PartPlan>();
  readonly #sequence: Sequence | undefined;

  constructor(judging: Judging, content: Content, side: Side) {
    this.#judging = judging;
    this.#content = content;
    this.#side = side;
    this.#root = new ValueSchema(judging, content.model.schema, side);
    this.#isOpaque = content.model.schema !== undefined && judging.shapes.describing(content.model.schema).opaque;
    this.#sequence = content.model.sequence === undefined ? undefined : new Sequence(judging, content.model, side);
  }

  /** A sequence of parts without end is judged part by part; a form as a whole, when all its parts are known. */
  get look(): 'items' | 'parts' {
    return this.#content.model.sequence?.itemSchema === undefined ? 'parts' : 'items';
  }

  open(contentType: string, parts: 'named' | 'ordered'): ItemCheck {
    const findings = new Findings(this.#judging, this.#side);
    return parts === 'named'
      ? new FormCheck(this, this.#content, contentType, findings)
      : new PositionCheck(this, this.#content, contentType, findings);
  }

  /** Properties of the name, as the schema describes them. Undefined: only as one of many, or not as an object. */
  named(name: string): PartPlan | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const { shapes } = this.#judging;
    const { schema } = this.#content.model;
    if (schema === undefined || this.#isOpaque) return undefined;
    const nodes = this.#root.member(name);
    if (nodes.length === 0 && shapes.describesOthers(schema)) return undefined;
    const plan = new PartPlan(this.#judging, nodes, this.#encoding?.get(name));
    if (this.#byName.size < MAX_KNOWN) this.#byName.set(name, plan);
    return plan;
  }

  /** The schema is one of an object: its properties are the parts (3.1.1 §4.8.15.4, 3.2.0 §4.14.5.1). */
  get isObject(): boolean {
    const { schema } = this.#content.model;
    return schema !== undefined && (this.#judging.shapes.types(schema) & OBJECT) !== 0;
  }

  /** Undefined where parts have no place in the schema: before 3.2 they had none without names. */
  get sequence(): Sequence | undefined {
    return this.#sequence;
  }

  at(index: number): PartPlan {
    const sequence = this.#sequence as Sequence;
    const { prefixEncoding = [], itemEncoding } = this.#content.model.sequence ?? {};
    const key = Math.min(index, Math.max(sequence.prefixed, prefixEncoding.length));
    const known = this.#byPosition.get(key);
    if (known !== undefined) return known;
    const plan = new PartPlan(this.#judging, sequence.nodes(key), prefixEncoding[key] ?? itemEncoding);
    this.#byPosition.set(key, plan);
    return plan;
  }

  /** Until 3.2 `encoding` "SHALL only apply to requestBody objects" (3.1.1 §4.8.14.1). */
  get #encoding(): ContentModel['encoding'] | undefined {
    const { model } = this.#content;
    return this.#side === 'request' || model.sequence !== undefined ? model.encoding : undefined;
  }
}

const NONE: readonly Violation[] = [];

/** `multipart/form-data` (RFC 7578): one object, whose members are the parts. */
class FormCheck implements ItemCheck {
  readonly #multipart: Multipart;
  readonly #content: Content;
  readonly #findings: Findings;
  readonly #parts: PartsReader;
  readonly #values = new Map<string, PartValue[]>();
  /** Some part stands for a value that nobody can tell. */
  #isUnclear = false;

  constructor(multipart: Multipart, content: Content, contentType: string, findings: Findings) {
    this.#multipart = multipart;
    this.#content = content;
    this.#findings = findings;
    this.#parts = new PartsReader(contentType, content.model.place, findings, {
      plan: (_fields, disposition) => this.#plan(disposition?.type === 'form-data' ? disposition : undefined),
      value: (value, disposition) => this.#value(value, disposition?.type === 'form-data' ? disposition.name : undefined),
      pointer: (disposition) => `/${escapeToken((disposition?.name ?? '').slice(0, 64))}`,
    });
  }

  get heldBytes(): number {
    return this.#parts.heldBytes;
  }

  onData(chunk: Uint8Array): void {
    this.#parts.push(chunk);
  }

  /** Parts of one name belong together: nothing is told before the end. */
  get found(): readonly Violation[] {
    return NONE;
  }

  /** A form is judged as a whole. */
  cut(): Outcome {
    return { is: 'skipped', reason: 'stream' };
  }

  end(): Outcome {
    const isWhole = this.#parts.end();
    const { unit, model } = this.#content;
    if (!isWhole || unit === undefined || model.schema === undefined) return this.#findings.outcome();
    if (!this.#multipart.isObject || this.#isUnclear) this.#findings.skip('unsupported');
    else
      judgeReadings(unit, this.#readings(), bytesOf([...this.#values.values()].flat()), { location: 'body', pointer: '' }, this.#findings);
    return this.#findings.outcome();
  }

  #plan(disposition: { readonly name: string | undefined; readonly isAmbiguous: boolean } | undefined): PartPlan | 'file' {
    if (disposition?.name === undefined && disposition?.isAmbiguous !== true) {
      // RFC 7578 §4.2: "Each part MUST contain a Content-Disposition header field … MUST also contain an additional parameter of "name"".
      this.#findings.add('malformed', 'body', '', this.#content.model.place, 'a part has no form-data disposition with a name');
      return 'file';
    }
    const { name, isAmbiguous } = disposition;
    const plan = isAmbiguous || name === undefined ? undefined : this.#multipart.named(name);
    if (plan === undefined) this.#isUnclear = true;
    return plan ?? 'file';
  }

  #value(value: PartValue, name: string | undefined): void {
    if (name === undefined || value.is === 'unclear' || value.is === 'malformed') this.#isUnclear = true;
    if (name === undefined) return;
    const known = this.#values.get(name);
    if (known === undefined) this.#values.set(name, [value]);
    else known.push(value);
  }

  /** The objects that the form may stand for. */
  #readings(): PartReadings {
    const names = [...this.#values.keys()];
    const members = names.map((name) => readParts(this.#values.get(name) ?? [], this.#multipart.named(name) as PartPlan));
    const { tuples, all } = mixtures(members.map(({ readings }) => readings));
    return { readings: tuples.map((tuple) => objectOf(names, tuple)), all: all && members.every((member) => member.all) };
  }
}

/** Any other multipart body: a list of its parts (3.2.0 §4.14.5.2). */
class PositionCheck implements ItemCheck {
  readonly #multipart: Multipart;
  readonly #content: Content;
  readonly #findings: Findings;
  readonly #parts: PartsReader;
  #count = 0;

  constructor(multipart: Multipart, content: Content, contentType: string, findings: Findings) {
    this.#multipart = multipart;
    this.#content = content;
    this.#findings = findings;
    this.#parts = new PartsReader(contentType, content.model.place, findings, {
      plan: () => (multipart.sequence === undefined ? 'file' : multipart.at(this.#count)),
      value: (value) => this.#value(value),
      pointer: () => `/${this.#count}`,
    });
  }

  get heldBytes(): number {
    return this.#parts.heldBytes;
  }

  onData(chunk: Uint8Array): void {
    this.#parts.push(chunk);
  }

  end(): Outcome {
    const isWhole = this.#parts.end();
    const { sequence } = this.#multipart;
    if (isWhole) sequence?.checkLeast(this.#count, this.#findings);
    return this.#outcome();
  }

  get found(): readonly Violation[] {
    return this.#findings.violations;
  }

  cut(): Outcome {
    if (this.#count === 0) this.#findings.skip('stream');
    return this.#outcome();
  }

  #outcome(): Outcome {
    const { sequence } = this.#multipart;
    if (sequence === undefined ? this.#content.unit !== undefined : sequence.isUnclear) this.#findings.skip('media_type');
    return this.#findings.outcome();
  }

  #value(value: PartValue): void {
    const pointer = `/${this.#count}`;
    const { sequence } = this.#multipart;
    if (sequence !== undefined) {
      const plan = this.#multipart.at(this.#count);
      if (value.is === 'unclear') this.#findings.skip('media_type');
      else if (value.is !== 'malformed' && value.is !== 'file') {
        const known = { readings: readPart(value, plan.types), all: true };
        for (const unit of sequence.units(this.#count))
          judgeReadings(unit, known, bytesOf([value]), { location: 'body', pointer }, this.#findings);
      }
    }
    this.#count += 1;
    sequence?.checkMost(this.#count, this.#findings);
  }
}
