import type { ItemCheck, Outcome, Side, Violation } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { Findings, type Judging } from '../judging.ts';
import type { Content } from '../media/content-table.ts';
import { EventContent } from './event-content.ts';
import { EventReader, type ServerSentEvent } from './events.ts';
import { Sequence } from './sequence.ts';
import { Splitter } from './splitter.ts';

const LF = 0x0a;
const RS = 0x1e;

/** Counts items and notes what is wrong with them; shared by all forms of sequences. */
class Items {
  readonly findings: Findings;
  readonly #sequence: Sequence;
  readonly #content: Content;
  #count = 0;
  /** Items that may be none. */
  #unsure = 0;

  constructor(judging: Judging, content: Content, sequence: Sequence, side: Side) {
    this.findings = new Findings(judging, side);
    this.#content = content;
    this.#sequence = sequence;
  }

  /** As many faults are known as will be told: nothing more needs to be looked at. */
  get full(): boolean {
    return this.findings.full;
  }

  /** One that may have been cut off by its sender, and is not to be used. */
  unsure(): void {
    this.#unsure += 1;
    this.findings.skip('stream');
  }

  tooLarge(): void {
    this.#next();
    this.findings.skip('too_large');
  }

  malformed(pointer: string, detail: string): void {
    this.findings.add('malformed', 'body', pointer, this.#content.model.place, detail);
  }

  /** Gives the item's pointer. */
  judge(value: unknown, bytes: number, written?: string | null): string {
    const pointer = `/${this.#count}`;
    for (const unit of this.#sequence.units(this.#count)) this.findings.judge(unit, value, bytes, 'body', pointer, written);
    this.#next();
    return pointer;
  }

  json(bytes: Uint8Array): void {
    const body = new ParsedBody([bytes], bytes.byteLength);
    const parsed = body.json();
    if (parsed.ok) this.judge(parsed.value, bytes.byteLength, body.text());
    else {
      this.malformed(`/${this.#count}`, 'the item is not JSON');
      this.#next();
    }
  }

  outcome(): Outcome {
    this.#sequence.checkLeast(this.#count + this.#unsure, this.findings);
    if (this.#sequence.isUnclear) this.findings.skip('stream');
    return this.findings.outcome();
  }

  /** Of those that came before the sequence broke off. */
  outcomeOfPart(): Outcome {
    if (this.#count === 0 || this.#sequence.isUnclear) this.findings.skip('stream');
    return this.findings.outcome();
  }

  #next(): void {
    this.#count += 1;
    this.#sequence.checkMost(this.#count, this.findings);
  }
}

/** NDJSON and JSON Lines: a JSON text a line; empty lines are nothing. */
class LineCheck implements ItemCheck {
  readonly #items: Items;
  readonly #lines: Splitter;

  constructor(items: Items) {
    this.#items = items;
    this.#lines = new Splitter(LF, (line) => {
      if (line === 'too_large') items.tooLarge();
      else if (!items.full && !isBlank(line)) items.json(line);
    });
  }

  get heldBytes(): number {
    return this.#lines.heldBytes;
  }

  onData(chunk: Uint8Array): void {
    if (!this.#items.full) this.#lines.push(chunk);
  }

  get found(): readonly Violation[] {
    return this.#items.findings.violations;
  }

  end(): Outcome {
    this.#lines.end();
    return this.#items.outcome();
  }

  cut(): Outcome {
    return this.#items.outcomeOfPart();
  }
}

/** JSON text sequences (RFC 7464): a record separator before each text, a line feed behind it. */
class RecordCheck implements ItemCheck {
  readonly #items: Items;
  readonly #records: Splitter;
  #first = true;

  constructor(items: Items) {
    this.#items = items;
    this.#records = new Splitter(RS, (record) => this.#record(record));
  }

  get heldBytes(): number {
    return this.#records.heldBytes;
  }

  onData(chunk: Uint8Array): void {
    if (!this.#items.full) this.#records.push(chunk);
  }

  get found(): readonly Violation[] {
    return this.#items.findings.violations;
  }

  end(): Outcome {
    this.#records.end();
    return this.#items.outcome();
  }

  cut(): Outcome {
    return this.#items.outcomeOfPart();
  }

  #record(record: Uint8Array | 'too_large'): void {
    const first = this.#first;
    this.#first = false;
    if (record === 'too_large') this.#items.tooLarge();
    // §2.1: empty elements are ignored; before the first separator there is nothing.
    else if (this.#items.full || isBlank(record)) return;
    else if (first) this.#items.malformed('', 'the sequence does not begin with a record separator');
    // §2.4: without white space behind it a number or word may have been cut off, and is not to be used.
    else if (mayBeCut(record)) this.#items.unsure();
    else this.#items.json(record);
  }
}

/** Server-sent events, as objects of their fields. */
class EventCheck implements ItemCheck {
  readonly #items: Items;
  readonly #events: EventReader;
  readonly #content: EventContent | undefined;

  constructor(items: Items, content: EventContent | undefined) {
    this.#items = items;
    this.#content = content;
    this.#events = new EventReader((event, bytes) => this.#event(event, bytes));
  }

  get heldBytes(): number {
    return this.#events.heldBytes;
  }

  onData(chunk: Uint8Array): void {
    if (!this.#items.full) this.#events.push(chunk);
  }

  get found(): readonly Violation[] {
    return this.#items.findings.violations;
  }

  end(): Outcome {
    this.#events.end();
    return this.#items.outcome();
  }

  cut(): Outcome {
    return this.#items.outcomeOfPart();
  }

  #event(event: ServerSentEvent | 'too_large', bytes: number): void {
    if (event === 'too_large') return this.#items.tooLarge();
    const pointer = this.#items.judge(event, bytes);
    this.#content?.check(event, pointer, this.#items.findings);
  }
}

/** What is known of a documented media type before any message. */
interface Prepared {
  readonly sequence: Sequence;
  readonly content: EventContent | undefined;
}

const prepared = new WeakMap<Content, Prepared>();

function prepare(judging: Judging, content: Content, side: Side): Prepared {
  const known = prepared.get(content);
  if (known !== undefined) return known;
  const sequence = new Sequence(judging, content.model, side);
  const made = { sequence, content: EventContent.of(judging, sequence.itemNodes, side) };
  prepared.set(content, made);
  return made;
}

/** The media types whose items are told apart. */
export type ItemKind = 'lines' | 'records' | 'events';

/** Whether looking at the items can tell anything: events have no syntax that they could break, and nothing may be said of them. */
export function itemNeed(judging: Judging, content: Content, kind: ItemKind, side: Side): 'items' | false | 'stream' {
  if (kind !== 'events') return 'items';
  const { sequence } = prepare(judging, content, side);
  if (sequence.isOpen) return false;
  return sequence.isUnclear && sequence.itemNodes.length === 0 ? 'stream' : 'items';
}

export function openItems(judging: Judging, content: Content, kind: ItemKind, side: Side): ItemCheck {
  const { sequence, content: eventContent } = prepare(judging, content, side);
  const items = new Items(judging, content, sequence, side);
  if (kind === 'lines') return new LineCheck(items);
  return kind === 'records' ? new RecordCheck(items) : new EventCheck(items, eventContent);
}

const [TAB, CR, SPACE, QUOTE, BRACE, BRACKET] = [0x09, 0x0d, 0x20, 0x22, 0x7d, 0x5d];

function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(isSpace);
}

function mayBeCut(record: Uint8Array): boolean {
  const last = record[record.byteLength - 1];
  return !isSpace(last) && last !== QUOTE && last !== BRACE && last !== BRACKET;
}
