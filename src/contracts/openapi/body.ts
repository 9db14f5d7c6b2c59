import type { Location } from '../../core/contract.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import type { Findings, Judging } from './judging.ts';
import type { Content } from './media/content-table.ts';
import type { Kind } from './media/media-type.ts';
import { FormFields } from './parameters/form-fields.ts';
import { candidates } from './parameters/coerce.ts';
import { isObject } from './document/pointer.ts';
import { SCALAR } from './schema/shape.ts';

const BODY: Location = 'body';

/** What a body of this media type needs: its bytes (true), nothing (false), or why it is not judged. */
export function bodyNeed(content: Content, kind: Kind): true | false | 'media_type' | 'stream' {
  switch (kind) {
    case 'json':
      return true;
    case 'stream':
      return 'stream';
    case 'opaque':
      return content.unit === undefined || isPlainBinary(content.model.schema?.value) ? false : 'media_type';
    case 'unjudged':
      return content.unit === undefined ? false : 'media_type';
    case 'form':
    case 'text':
      return content.unit !== undefined;
  }
}

/** Judges a body that is here. Media types that need no look do not come here. */
export function judgeBody(judging: Judging, content: Content, kind: Kind, body: ParsedBody, findings: Findings): void {
  if (kind === 'json') judgeJson(content, body, findings);
  else if (kind === 'form') formOf(judging, content, findings.side).judge(body, findings);
  else if (kind === 'text') judgeText(judging, content, body, findings);
}

function judgeJson(content: Content, body: ParsedBody, findings: Findings): void {
  const parsed = body.json();
  if (!parsed.ok) {
    const what = body.byteLength === 0 ? 'the body is empty' : 'the body is not JSON';
    findings.add('malformed', BODY, '', content.model.place, what);
  } else if (content.unit !== undefined) findings.judge(content.unit, parsed.value, body.byteLength, BODY, '');
}

/** Text is a string; where the schema wants a number or a boolean, what the text stands for. */
function judgeText(judging: Judging, content: Content, body: ParsedBody, findings: Findings): void {
  const { unit, model } = content;
  if (unit === undefined || model.schema === undefined) return;
  const text = body.text();
  const types = judging.shapes.types(model.schema);
  if (text === null || (types & SCALAR) === 0) {
    findings.skip('media_type');
    return;
  }
  const readings = candidates(text, types);
  if (readings.some((reading) => unit.judge(reading.value, body.byteLength) === true)) return;
  findings.judge(unit, readings[0] === undefined ? text : readings[0].value, body.byteLength, BODY, '');
}

const forms = new WeakMap<Content, FormFields>();

function formOf(judging: Judging, content: Content, side: 'request' | 'response'): FormFields {
  const known = forms.get(content);
  if (known !== undefined) return known;
  const form = new FormFields(judging, content, side);
  forms.set(content, form);
  return form;
}

const ABOUT_BYTES: ReadonlySet<string> = new Set(['type', 'format', 'contentMediaType', 'contentEncoding']);

/** A schema that says no more than "a file": `type: string, format: binary` and the like. */
function isPlainBinary(schema: unknown): boolean {
  if (!isObject(schema)) return schema === true;
  const says = Object.keys(schema).filter(
    (k) => !['description', 'title', 'example', 'examples', 'default', 'nullable', '$comment'].includes(k) && !k.startsWith('x-'),
  );
  return says.every((k) => ABOUT_BYTES.has(k)) && (schema.type === undefined || schema.type === 'string');
}
