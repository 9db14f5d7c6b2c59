/** What a case says that the upstream may see and the client must get, as read from the file. */
import { CODES, type RejectionCode } from '../../src/core/rejection.ts';
import { sectionBytes, textBytes } from './bytes.ts';
import { CaseFault, type RawCase, type Section, textLines } from './case-file.ts';

export interface ExpectedFields {
  /** `[name, value, …]`; `{any}` in a value stands for anything. */
  readonly fields: readonly string[];
  /** Names that may not be there. */
  readonly absent: readonly string[];
}

/** One request at the upstream. */
export interface ExpectedRequest extends ExpectedFields {
  /** `exactly`: whole, once. `unfinished`: not at all, or begun and never ended. `maybe`: not at all, begun, or whole. */
  readonly mode: 'exactly' | 'unfinished' | 'maybe';
  readonly line: string;
  readonly body: Buffer;
}

/** One final answer at the client. */
export interface ExpectedAnswer extends ExpectedFields {
  /** `cut`: a refusal with `code`, or this answer with its body broken off, so that everybody can see it. */
  readonly kind: 'whole' | 'cut';
  readonly status: number;
  /** Set: the gateway's own answer. */
  readonly code: RejectionCode | undefined;
  /** HEAD makes a difference. */
  readonly method: string;
  readonly body: Buffer | undefined;
  readonly trailers: readonly string[];
  readonly interim: readonly ExpectedInterim[];
}

export interface ExpectedInterim extends ExpectedFields {
  readonly status: number;
}

const ANSWER = /^(?:(\d+) times )?(cut )?(\d{3})(?: ([A-Z_\d]+))?(?: to ([A-Z]+))?$/;

/** What becomes of the client's connection. `gone`: it ends without an answer. */
export type After = 'kept' | 'closed' | 'either' | 'gone';

/** One section `upstream`, which may stand for several equal requests. */
export function expectedRequests(one: RawCase, section: Section): ExpectedRequest[] {
  const fault = (what: string): CaseFault => new CaseFault(one.file, section.line, what);
  const [, times = '1', mode = 'exactly'] = /^(?:(\d+) times)?(unfinished|maybe)?$/.exec(section.modifier) ?? ['', '0'];
  if (times === '0') throw fault(`upstream ${section.modifier} is not known`);
  const [line, ...rest] = section.lines;
  if (line === undefined || !/^\S+ \S+ HTTP\/1\.1$/.test(line)) throw fault('the first line of upstream is no request line of HTTP/1.1');
  const blank = rest.indexOf('');
  const head = blank < 0 ? rest : rest.slice(0, blank);
  const request: ExpectedRequest = {
    mode: mode as ExpectedRequest['mode'],
    line: latin1(line),
    body: blank < 0 ? Buffer.alloc(0) : sectionBytes(rest.slice(blank + 1)),
    ...fieldsOf(head, fault),
  };
  return Array.from({ length: Number(times) }, () => request);
}

export function expectedAnswers(one: RawCase, section: Section): { readonly answers: ExpectedAnswer[]; readonly after: After } {
  const fault = (what: string): CaseFault => new CaseFault(one.file, section.line, what);
  const lines = textLines(section);
  const after = lines.pop();
  if (after !== 'kept' && after !== 'closed' && after !== 'either' && after !== 'gone')
    throw fault('the last line of client is not kept, closed, either or gone');
  const answers: ExpectedAnswer[] = [];
  let interim: ExpectedInterim[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    let end = at + 1;
    while (lines[end]?.startsWith('  ')) end += 1;
    const details = lines.slice(at + 1, end).map((detail) => detail.slice(2));
    at = end;
    const [, times = '1', cut, digits, code, method = 'GET'] = ANSWER.exec(line) ?? [];
    if (digits === undefined) throw fault(`no answer: ${line}`);
    if (code !== undefined && !Object.hasOwn(CODES, code)) throw fault(`no such code: ${code}`);
    if (cut !== undefined && code === undefined) throw fault('cut needs a code: what it is where nothing had left yet');
    const plain = details.filter((detail) => !/^[|+] ?/.test(detail));
    const status = Number(digits);
    if (status < 200 && status !== 101) {
      for (let i = 0; i < Number(times); i++) interim.push({ status, ...fieldsOf(plain, fault) });
      continue;
    }
    const body = details.filter((detail) => detail.startsWith('|'));
    const answer: ExpectedAnswer = {
      kind: cut === undefined ? 'whole' : 'cut',
      status,
      code: code as RejectionCode | undefined,
      method,
      body: body.length === 0 ? undefined : Buffer.concat(body.map((text) => textBytes(text.replace(/^\| ?/, '')))),
      trailers: fieldsOf(
        details.filter((detail) => detail.startsWith('+ ')).map((detail) => detail.slice(2)),
        fault,
      ).fields,
      interim,
      ...fieldsOf(plain, fault),
    };
    for (let i = 0; i < Number(times); i++) answers.push(answer);
    interim = [];
  }
  if (interim.length > 0) throw fault('an interim answer without a final one');
  if ((after === 'gone') !== (answers.length === 0)) throw fault('gone is for clients that get no answer, and for them alone');
  return { answers, after };
}

function fieldsOf(lines: readonly string[], fault: (what: string) => CaseFault): ExpectedFields {
  const fields: string[] = [];
  const absent: string[] = [];
  for (const text of lines) {
    const [, times = '1', line = text] = /^(\d+) times (.*)$/.exec(text) ?? [];
    const [, name, value = ''] = /^([^\s:]+):(?: (.*))?$/.exec(line) ?? [];
    const not = /^!(\S+)$/.exec(line)?.[1];
    if (name !== undefined) for (let i = 0; i < Number(times); i++) fields.push(latin1(name), latin1(value));
    else if (not !== undefined) absent.push(not.toLowerCase());
    else throw fault(`no field: ${line}`);
  }
  return { fields, absent };
}

function latin1(text: string): string {
  return textBytes(text).toString('latin1');
}
