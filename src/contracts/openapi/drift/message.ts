import type { Side } from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import type { RawHeaders } from '../../../core/headers.ts';
import type { ParsedBody } from '../../../core/parsed-body.ts';
import { CONFLICT, contentType } from '../framing.ts';
import type { Judging } from '../judging.ts';
import type { Node } from '../document/documents.ts';
import { type Content, ContentTable } from '../media/content-table.ts';
import type { ContentModel } from '../model.ts';
import { eachPair, formDecode } from '../parameters/decode.ts';
import { ValueSchema } from '../parameters/value-schema.ts';
import { OBJECT } from '../schema/shape.ts';
import { ALL } from './atom.ts';
import { one } from './describe.ts';
import type { Root } from './found.ts';
import { NO_DRIFT } from './heads.ts';
import type { State } from './state.ts';
import { Walk } from './walk.ts';

/** Fields of one form that are looked at. */
const MAX_FIELDS = 500;
/** Bodies of one media type of one message. */
interface Body extends Root {
  readonly state: State | undefined;
  readonly kind: 'json' | 'form';
}

/** One message of an operation, as the document has it. */
export class Message {
  readonly #judging: Judging;
  readonly #walk: Walk;
  readonly #side: Side;
  readonly #content: ContentTable;
  /** Null: not looked into. */
  readonly #bodies = new Map<Content, Body | null>();

  constructor(judging: Judging, content: readonly ContentModel[], side: Side) {
    this.#judging = judging;
    this.#walk = new Walk(judging.drift);
    this.#side = side;
    this.#content = new ContentTable(content, () => undefined);
  }

  find(headers: RawHeaders, body: ParsedBody): readonly Drift[] {
    const of = this.#of(headers);
    if (of?.state === undefined) return NO_DRIFT;
    if (of.kind === 'form') return this.#form(of, of.state, body);
    const parsed = body.json();
    return parsed.ok ? this.#walk.look(of, of.state, parsed.value) : NO_DRIFT;
  }

  #of(headers: RawHeaders): Body | null {
    const type = contentType(headers);
    const found = type === undefined || type === CONFLICT ? undefined : this.#content.find(type);
    if (found?.is !== 'match' || (found.kind !== 'json' && found.kind !== 'form')) return null;
    const { content, kind } = found;
    let body = this.#bodies.get(content);
    if (body === undefined) {
      body = this.#body(content.model, kind);
      this.#bodies.set(content, body);
    }
    return body;
  }

  #body({ schema, encoding }: ContentModel, kind: Body['kind']): Body | null {
    if (schema === undefined || (kind === 'form' && this.#mayBeSpread(schema, encoding))) return null;
    return { side: this.#side, kind, state: this.#judging.drift.of(one(schema)) };
  }

  /** Which names belong to an object that is spread over a form is not told apart here. Without `encoding`, versions disagree whether it is. */
  #mayBeSpread(schema: Node, encoding: ContentModel['encoding']): boolean {
    const values = new ValueSchema(this.#judging, schema, this.#side);
    const mayBeObject = (name: string): boolean => values.memberTypes(name) !== ALL && (values.memberTypes(name) & OBJECT) !== 0;
    return (
      [...encoding.values()].some(({ styled, style, explode }) => styled && style === 'form' && explode) ||
      [...values.declared].some((name) => !encoding.has(name) && mayBeObject(name))
    );
  }

  #form(of: Body, state: State, body: ParsedBody): readonly Drift[] {
    const pairs: Array<readonly [string, string]> = [];
    eachPair(body.text() ?? '', (rawName, rawValue) => {
      const name = formDecode(rawName);
      if (name !== undefined && name !== '' && pairs.length < MAX_FIELDS) pairs.push([name, formDecode(rawValue) ?? '']);
    });
    return this.#walk.form(of, state, pairs);
  }
}
