import type { Place } from '../document/documents.ts';
import type { Findings } from '../judging.ts';
import { KeptBytes } from '../media/kept-bytes.ts';
import { type Disposition, type PartFields, boundaryOf, dispositionOf, partFields } from './part-head.ts';
import type { PartForm, PartPlan } from './part-plan.ts';
import { FILE, type PartValue, UNCLEAR, partValue } from './part-value.ts';
import { MultipartReader, type PartSink } from './reader.ts';

/** Who decides what a part is, and takes its value. */
export interface PartTaker {
  /** `file`: nothing of its bytes matters. */
  plan(fields: PartFields, disposition: Disposition | undefined): PartPlan | 'file';
  value(value: PartValue, disposition: Disposition | undefined): void;
  /** Of the part at hand. */
  pointer(disposition: Disposition | undefined): string;
}

/** All that is kept of one body: parts that are not files. */
const MAX_KEPT_BYTES = 256 * 1024;
const MAX_PARTS = 1000;
const NO_FIELDS: PartFields = new Map();

/** Reads parts and makes values of those that are small texts; files go by and are not kept. */
export class PartsReader implements PartSink {
  readonly #reader: MultipartReader | undefined;
  readonly #place: Place;
  readonly #findings: Findings;
  readonly #taker: PartTaker;
  #count = 0;
  #disposition: Disposition | undefined = undefined;
  #plan: PartPlan | 'file' = 'file';
  #form: PartForm = 'file';
  /** Of the part at hand. */
  readonly #kept = new KeptBytes(MAX_KEPT_BYTES);
  /** Of all parts so far: what has become a value is held too. */
  #totalBytes = 0;
  #tooLarge = false;

  constructor(contentType: string, place: Place, findings: Findings, taker: PartTaker) {
    this.#place = place;
    this.#findings = findings;
    this.#taker = taker;
    const boundary = boundaryOf(contentType);
    if (boundary !== undefined) this.#reader = new MultipartReader(boundary, this);
    // RFC 2046 §5.1.1: the parameter is required.
    else this.#malformed('', 'the media type has no boundary');
  }

  get heldBytes(): number {
    return (this.#reader?.heldBytes ?? 0) + this.#kept.heldBytes + this.#totalBytes;
  }

  push(chunk: Uint8Array): void {
    if (!this.#tooLarge) this.#reader?.push(chunk);
  }

  /** Whether all parts are known. */
  end(): boolean {
    if (this.#tooLarge) this.#findings.skip('too_large');
    if (this.#reader === undefined || this.#tooLarge) return false;
    const reading = this.#reader.end();
    if (reading === 'malformed') this.#malformed('', 'the body is not parts between the boundary');
    if (reading === 'unclear') this.#findings.skip('unsupported');
    return reading === 'whole';
  }

  onPart(head: Uint8Array): void {
    this.#count += 1;
    if (this.#count > MAX_PARTS) this.#tooLarge = true;
    const fields = partFields(head);
    if (fields === undefined) this.#malformed('', 'the header of a part cannot be read');
    this.#disposition = fields === undefined ? undefined : dispositionOf(fields);
    this.#plan = fields === undefined ? 'file' : this.#taker.plan(fields, this.#disposition);
    this.#form = 'file';
    if (this.#plan === 'file' || this.#tooLarge) return;
    this.#plan.checkHead(fields ?? NO_FIELDS, this.#taker.pointer(this.#disposition), this.#findings);
    this.#form = this.#plan.form(fields ?? NO_FIELDS);
  }

  onPartData(data: Uint8Array): void {
    if (this.#tooLarge || this.#form === 'file' || this.#form === 'unclear') return;
    this.#totalBytes += data.byteLength;
    if (this.#totalBytes <= MAX_KEPT_BYTES && this.#kept.add(data)) return;
    this.#tooLarge = true;
    this.#kept.letGo();
    this.#totalBytes = 0;
  }

  onPartEnd(): void {
    if (this.#tooLarge) return;
    const value = this.#value();
    if (value.is === 'malformed') this.#malformed(this.#taker.pointer(this.#disposition), 'the part is not JSON');
    this.#taker.value(value, this.#disposition);
    this.#kept.clear();
  }

  #value(): PartValue {
    if (this.#plan === 'file') return FILE;
    return this.#form === 'unclear' ? UNCLEAR : partValue(this.#form, this.#kept.bytes, this.#plan);
  }

  #malformed(pointer: string, detail: string): void {
    this.#findings.add('malformed', 'body', pointer, this.#place, detail);
  }
}
