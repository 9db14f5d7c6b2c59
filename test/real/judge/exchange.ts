import { type Json, type JsonObject, isObject, member } from '../github.ts';
import type { Recording } from '../recordings.ts';
import { type FoundOperation, findOperation } from './operations.ts';
import { at, below, followed } from './pointers.ts';
import { type Fault, faultsOf } from './schema.ts';

export interface MessageFault extends Fault {
  readonly side: 'request' | 'response';
  readonly location: string;
}

/** What is true of an exchange by the document's text. */
export interface Judgement {
  /** Undefined: the document does not know the path, or the method there. */
  readonly operation: FoundOperation | undefined;
  readonly faults: readonly MessageFault[];
  /** Which sides carry a body in JSON. */
  readonly json: ReadonlySet<'request' | 'response'>;
}

export function judgeExchange(document: Json, recording: Recording): Judgement {
  const [path = '', query = ''] = recording.target.split('?');
  const json = new Set<'request' | 'response'>();
  if (isJson(recording.requestHeaders, recording.requestBody)) json.add('request');
  if (isJson(recording.responseHeaders, recording.responseBody)) json.add('response');
  const operation = findOperation(document, recording.method, path);
  if (typeof operation === 'string') {
    const unknown: MessageFault = {
      rule: `undocumented_${operation}`,
      side: 'request',
      location: 'route',
      pointer: '',
      specPointer: '/paths',
    };
    return { operation: undefined, faults: [unknown], json };
  }
  const { pointer } = operation;
  const faults = [
    ...parameterFaults(document, operation, new URLSearchParams(query)),
    ...acceptFaults(document, pointer, fieldOf(recording.requestHeaders, 'accept')),
    ...requestBodyFaults(document, pointer, recording),
    ...responseFaults(document, pointer, recording),
  ];
  return { operation, faults, json };
}

export function fieldOf(headers: readonly string[], lower: string): string | undefined {
  return headers.find((_, i) => i % 2 === 1 && headers[i - 1]?.toLowerCase() === lower);
}

/** Without parameters, in lower case. */
export function mediaTypeOf(headers: readonly string[]): string | undefined {
  return fieldOf(headers, 'content-type')?.split(';')[0]?.trim().toLowerCase();
}

function isJson(headers: readonly string[], body: Buffer): boolean {
  return body.length > 0 && /[/+]json$/.test(mediaTypeOf(headers) ?? '');
}

/** GitHub's parameters are single values in the path and the query; an array would have to be read in its style. */
function parameterFaults(document: Json, operation: FoundOperation, query: URLSearchParams): MessageFault[] {
  const list = `${operation.pointer}/parameters`;
  return ((at(document, list) as readonly Json[] | undefined) ?? []).flatMap((_, i): MessageFault[] => {
    const place = followed(document, below(list, i));
    const parameter = at(document, place);
    const name = String(member(parameter, 'name'));
    const where = String(member(parameter, 'in'));
    if (where !== 'path' && where !== 'query') throw new Error(`${place}: this judge knows no parameters in ${where}`);
    const value = where === 'path' ? operation.params.get(name) : query.get(name);
    const about = { side: 'request', location: where } as const;
    if (typeof value !== 'string') {
      const isRequired = member(parameter, 'required') === true;
      return isRequired ? [{ ...about, rule: 'parameter_required', pointer: below('', name), specPointer: place }] : [];
    }
    const readings = readingsOf(value).map((reading) => faultsOf(document, `${place}/schema`, reading, 'request', below('', name)));
    const [first = []] = readings.sort((a, b) => a.length - b.length);
    return first.map((fault) => ({ ...fault, ...about }));
  });
}

/** What text may stand for. */
function readingsOf(text: string): Json[] {
  if (text === 'true' || text === 'false') return [text, text === 'true'];
  return /^-?\d+(\.\d+)?$/.test(text) ? [text, Number(text)] : [text];
}

/** Whether Accept takes a documented success. The vendor types `application/vnd.github.…+json` are asked for where the document has `application/json`. */
function acceptFaults(document: Json, operation: string, accept: string | undefined): MessageFault[] {
  const responses = at(document, `${operation}/responses`) as JsonObject;
  const successes = Object.keys(responses).filter((status) => status.startsWith('2'));
  const contents = successes.map((status) => member(at(document, followed(document, below(`${operation}/responses`, status))), 'content'));
  if (accept === undefined || contents.some((content) => content === undefined)) return [];
  const offered = contents.flatMap((content) => Object.keys(content as JsonObject));
  const takes = (type: string): boolean => type === accept || accept === '*/*' || (/\+json$/.test(accept) && /[/+]json$/.test(type));
  if (offered.length === 0 || offered.some(takes)) return [];
  return [{ rule: 'not_acceptable', side: 'request', location: 'header', pointer: '/Accept', specPointer: `${operation}/responses` }];
}

function requestBodyFaults(document: Json, operation: string, { requestHeaders, requestBody }: Recording): MessageFault[] {
  const written = at(document, `${operation}/requestBody`);
  const body = { side: 'request', location: 'body', pointer: '' } as const;
  if (written === undefined) return requestBody.length > 0 ? [{ ...body, rule: 'undocumented_body', specPointer: operation }] : [];
  const place = followed(document, `${operation}/requestBody`);
  if (requestBody.length === 0) {
    return at(document, `${place}/required`) === true ? [{ ...body, rule: 'body_required', specPointer: place }] : [];
  }
  const type = mediaTypeOf(requestHeaders);
  if (type === undefined || member(at(document, `${place}/content`), type) === undefined)
    return [{ rule: 'media_type', side: 'request', location: 'media_type', pointer: '', specPointer: place }];
  return contentFaults(document, below(`${place}/content`, type), type, requestBody, 'request');
}

function responseFaults(document: Json, operation: string, recording: Recording): MessageFault[] {
  const { status, responseHeaders, responseBody } = recording;
  const responses = `${operation}/responses`;
  if (member(at(document, responses), String(status)) === undefined)
    return [{ rule: 'undocumented_status', side: 'response', location: 'status', pointer: '', specPointer: responses }];
  const place = followed(document, below(responses, status));
  const content = at(document, `${place}/content`);
  const faults = headerFaults(document, place, responseHeaders);
  if (!isObject(content) || Object.keys(content).length === 0 || [204, 205, 304].includes(status)) return faults;
  const about = { side: 'response', pointer: '' } as const;
  if (responseBody.length === 0) return [...faults, { ...about, rule: 'body_required', location: 'body', specPointer: place }];
  const type = mediaTypeOf(responseHeaders);
  if (type === undefined || member(content, type) === undefined)
    return [...faults, { ...about, rule: 'media_type', location: 'media_type', specPointer: `${place}/content` }];
  return [...faults, ...contentFaults(document, below(`${place}/content`, type), type, responseBody, 'response')];
}

/** Headers of GitHub's document are text. */
function headerFaults(document: Json, response: string, headers: readonly string[]): MessageFault[] {
  return Object.keys((at(document, `${response}/headers`) as JsonObject | undefined) ?? {}).flatMap((name): MessageFault[] => {
    const place = followed(document, below(`${response}/headers`, name));
    const value = fieldOf(headers, name.toLowerCase());
    const about = { side: 'response', location: 'header' } as const;
    if (value !== undefined) {
      const readings = readingsOf(value).map((reading) => faultsOf(document, `${place}/schema`, reading, 'response', below('', name)));
      return (readings.sort((a, b) => a.length - b.length)[0] ?? []).map((fault) => ({ ...fault, ...about }));
    }
    return at(document, `${place}/required`) === true
      ? [{ ...about, rule: 'header_required', pointer: below('', name), specPointer: place }]
      : [];
  });
}

function contentFaults(document: Json, content: string, type: string, body: Buffer, side: 'request' | 'response'): MessageFault[] {
  const schema = `${content}/schema`;
  if (at(document, schema) === undefined) return [];
  const value = /[/+]json$/.test(type) ? (JSON.parse(body.toString()) as Json) : body.toString();
  return faultsOf(document, schema, value, side).map((fault) => ({ ...fault, side, location: 'body' }));
}
