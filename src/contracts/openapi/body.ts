import type { BodyLook, ItemCheck, Location, Side } from '../../core/contract.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import type { Findings, Judging } from './judging.ts';
import type { Content, Found } from './media/content-table.ts';
import { csvFault } from './media/csv.ts';
import { parseMediaType } from './media/media-type.ts';
import { isPlainBytes } from './media/plain-bytes.ts';
import { xmlFault } from './media/xml.ts';
import { Multipart } from './multipart/checks.ts';
import { FormFields } from './parameters/form-fields.ts';
import { candidates, exactly } from './parameters/coerce.ts';
import { judgeReadings } from './readings.ts';
import { SCALAR } from './schema/shape.ts';
import { itemNeed, openItems } from './sequence/item-checks.ts';

const BODY: Location = 'body';

/** A documented media type that fits, and how its bodies are judged. */
type Match = Extract<Found, { is: 'match' }>;

/** What a body of this media type needs. */
export function bodyNeed(judging: Judging, { content, kind }: Match, side: Side): BodyLook {
  switch (kind) {
    case 'json':
    case 'xml':
    case 'csv':
      return true;
    case 'lines':
    case 'records':
    case 'events':
      return itemNeed(judging, content, kind, side);
    case 'form-data':
      return 'parts';
    case 'multipart':
      return multipartOf(judging, content, side).look;
    case 'stream':
      return 'stream';
    case 'opaque':
      return content.unit === undefined || (content.model.schema !== undefined && isPlainBytes(judging, content.model.schema))
        ? false
        : 'media_type';
    case 'unjudged':
      return content.unit === undefined ? false : 'media_type';
    case 'form':
    case 'text':
      return content.unit !== undefined;
  }
}

/** For a body that goes by; undefined: this one does not. `contentType`: as it came. */
export function openBody(judging: Judging, { content, kind }: Match, side: Side, contentType: string): ItemCheck | undefined {
  if (kind === 'lines' || kind === 'records' || kind === 'events') return openItems(judging, content, kind, side);
  if (kind !== 'form-data' && kind !== 'multipart') return undefined;
  return multipartOf(judging, content, side).open(contentType, kind === 'form-data' ? 'named' : 'ordered');
}

/** Judges a body that is here. Media types that need no look do not come here. */
export function judgeBody(judging: Judging, match: Match, contentType: string, body: ParsedBody, findings: Findings): void {
  const { content, kind } = match;
  if (kind === 'json') judgeJson(content, body, findings);
  else if (kind === 'form') judgeForm(judging, content, body, findings);
  else if (kind === 'text') judgeText(judging, content, contentType, body, findings);
  else if (kind === 'xml') judgeXml(content, body, findings);
  else if (kind === 'csv') judgeCsv(content, body, findings);
  else {
    const check = openBody(judging, match, findings.side, contentType);
    if (check === undefined) return;
    for (const chunk of body.chunks) check.onData(chunk);
    findings.take(check.end());
  }
}

function judgeJson(content: Content, body: ParsedBody, findings: Findings): void {
  const parsed = body.json();
  if (!parsed.ok) {
    const what = body.byteLength === 0 ? 'the body is empty' : 'the body is not JSON';
    findings.add('malformed', BODY, '', content.model.place, what);
  } else if (content.unit !== undefined) findings.judge(content.unit, parsed.value, body.byteLength, BODY, '', body.text());
}

function judgeForm(judging: Judging, content: Content, body: ParsedBody, findings: Findings): void {
  const text = body.text();
  if (text === null) {
    findings.skip('unsupported');
    return;
  }
  const at = { bytes: body.byteLength, also: NO_NAMES, location: BODY, prefix: '' };
  const fault = formOf(judging, content, findings.side).judge(text, at, findings);
  if (fault !== undefined) findings.add('malformed', BODY, '', content.model.place, fault);
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Well-formedness; how a schema would apply to elements (`xml` of the Schema Object) is not judged. */
function judgeXml(content: Content, body: ParsedBody, findings: Findings): void {
  const fault = xmlFault(body.bytes());
  if (fault === 'malformed') findings.add('malformed', BODY, '', content.model.place, 'the body is not well-formed XML');
  else if (fault === 'unclear' || content.unit !== undefined) findings.skip('media_type');
}

function judgeCsv(content: Content, body: ParsedBody, findings: Findings): void {
  const fault = csvFault(body.bytes());
  if (fault === 'open_quote') findings.add('malformed', BODY, '', content.model.place, 'a quoted field has no end (RFC 4180 §2)');
  else if (fault === 'unclear' || content.unit !== undefined) findings.skip('media_type');
}

/** Text is a string; where the schema wants a number or a boolean, what the text stands for. */
function judgeText(judging: Judging, content: Content, contentType: string, body: ParsedBody, findings: Findings): void {
  const { unit, model } = content;
  if (unit === undefined || model.schema === undefined) return;
  const text = body.text();
  const types = judging.shapes.types(model.schema);
  if (text === null || (types & SCALAR) === 0 || isOtherText(contentType, text)) {
    findings.skip('media_type');
    return;
  }
  const readings = candidates(text, types);
  const known = { readings: readings.length === 0 ? [exactly(text)] : readings, all: true };
  judgeReadings(unit, known, body.byteLength, { location: BODY, pointer: '' }, findings);
}

/** Text of another character set than UTF-8 (RFC 9110 §8.3.2), unless nothing in it is written differently there. */
function isOtherText(contentType: string, text: string): boolean {
  const charset = parseMediaType(contentType)?.parameters.get('charset')?.toLowerCase();
  if (charset === undefined || charset === 'utf-8' || charset === 'utf8') return false;
  return !charset.startsWith('iso-8859-') && charset !== 'us-ascii' ? true : !/^[\0-\x7f]*$/.test(text);
}

const forms = new WeakMap<Content, FormFields>();

function formOf(judging: Judging, content: Content, side: Side): FormFields {
  const known = forms.get(content);
  if (known !== undefined) return known;
  const form = new FormFields(judging, content.model, side);
  forms.set(content, form);
  return form;
}

const multiparts = new WeakMap<Content, Multipart>();

function multipartOf(judging: Judging, content: Content, side: Side): Multipart {
  const known = multiparts.get(content);
  if (known !== undefined) return known;
  const multipart = new Multipart(judging, content, side);
  multiparts.set(content, multipart);
  return multipart;
}
