import { load } from 'js-yaml';
import { type Expectation, readExpectation } from './expectation.ts';
import { type Fail, type Line, ScenarioFault } from './fault.ts';
import { type Message, readMessage } from './message.ts';

export type Kind = 'valid' | 'invalid' | 'edge';

/** One request and its answer, and what must be said of them. */
export interface ScenarioExchange {
  readonly kind: Kind;
  readonly title: string;
  /** Where it begins in the file. */
  readonly line: number;
  /** Undefined where the document itself is what is looked at. */
  readonly request: Message | undefined;
  readonly raw: boolean;
  /** Undefined: any answer will do. */
  readonly response: Message | undefined;
  /** At least one. */
  readonly expected: readonly Expectation[];
}

/** A scenario file: a contract, and exchanges that are held against it. */
export interface Scenario {
  readonly file: string;
  /** Number of the hard case that it shows; undefined: none on the list. */
  readonly hardCase: number | undefined;
  readonly title: string;
  /** Why nothing of this file can be invalid. */
  readonly noInvalid: string | undefined;
  /** Files to be written, by name; the first is the contract. */
  readonly files: ReadonlyMap<string, string>;
  /** Keys as in the section `config`; `{}` without one. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly exchanges: readonly ScenarioExchange[];
}

interface Section {
  readonly at: Line;
  readonly lines: Line[];
}

const ROOT = 'openapi.yaml';
const HEADING = /^--- (document|file|config|valid|invalid|edge)(?:: (.+)| (\S+))?$/;

/** Reads the text of one file. @throws ScenarioFault at the first thing that is wrong. */
export function readScenario(file: string, text: string): Scenario {
  const fail: Fail = (line, message) => {
    throw new ScenarioFault(file, line, message);
  };
  const lines = text.split(/\r?\n/).map((line, i) => ({ number: i + 1, text: line }));
  const first = lines.findIndex((line) => line.text.startsWith('--- '));
  if (first < 0) fail(1, 'there is no section: `--- document` is missing');
  const header = readHeader(lines.slice(0, first), fail);
  const files = new Map<string, string>();
  const exchanges: ScenarioExchange[] = [];
  let config: Readonly<Record<string, unknown>> | undefined;
  for (const section of sectionsOf(lines.slice(first))) {
    const [, what = '', title, name] = HEADING.exec(section.at.text) ?? fail(section.at.number, `not a section: ${section.at.text}`);
    if (what === 'document' || what === 'file') {
      const key = name ?? (what === 'document' ? ROOT : fail(section.at.number, 'a file needs a name'));
      if (files.has(key) || !/^[\w.-]+(\/[\w.-]+)*$/.test(key) || key.includes('..'))
        fail(section.at.number, `${key} cannot be written, or is written twice`);
      files.set(key, section.lines.map((line) => line.text).join('\n'));
    } else if (what === 'config') {
      if (config !== undefined) fail(section.at.number, 'a second config');
      config = readConfig(section, fail);
    } else {
      if (title === undefined) fail(section.at.number, `a title is missing, as in \`--- ${what}: two colours\``);
      exchanges.push(readExchange(section, what as Kind, title, fail));
    }
  }
  if (!files.has(ROOT)) fail(1, 'there is no `--- document`');
  if (exchanges.length === 0) fail(1, 'there is no exchange: `--- valid: …`, `--- invalid: …` or `--- edge: …`');
  return { file, ...header, files, config: config ?? {}, exchanges };
}

function readHeader(lines: readonly Line[], fail: Fail): Pick<Scenario, 'hardCase' | 'title' | 'noInvalid'> {
  const values = new Map<string, string>();
  for (const { number, text } of lines) {
    if (text === '' || text.startsWith('#')) continue;
    const [, key = '', value = ''] = /^(case|title|no-invalid): +(\S.*)$/.exec(text) ?? [];
    if (key === '') fail(number, `expected \`case:\`, \`title:\`, \`no-invalid:\` or a section, got: ${text}`);
    if (values.has(key)) fail(number, `a second \`${key}:\``);
    if (key === 'case' && !/^([1-9]|1\d|20)$/.test(value)) fail(number, `${value} is no hard case: they are 1 to 20`);
    values.set(key, value);
  }
  const hardCase = values.get('case');
  return {
    hardCase: hardCase === undefined ? undefined : Number(hardCase),
    title: values.get('title') ?? fail(1, '`title:` is missing'),
    noInvalid: values.get('no-invalid'),
  };
}

function sectionsOf(lines: readonly Line[]): Section[] {
  const sections: Section[] = [];
  for (const line of lines) {
    if (line.text.startsWith('--- ')) sections.push({ at: line, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections;
}

function readConfig(section: Section, fail: Fail): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = load(section.lines.map((line) => line.text).join('\n'));
  } catch (error) {
    fail(section.at.number, `the config is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(section.at.number, 'the config must have keys');
  return value as Readonly<Record<string, unknown>>;
}

function readExchange(section: Section, kind: Kind, title: string, fail: Fail): ScenarioExchange {
  const sent: Array<Line & { readonly directive: boolean }> = [];
  const answered: typeof sent = [];
  const expected: Expectation[] = [];
  let raw = false;
  for (const { number, text } of section.lines) {
    if (text === '' || text.startsWith('#')) continue;
    const marked = /^(>|<)(\1 | |$)(.*)$/s.exec(text);
    if (marked !== null) {
      const line = { number, text: marked[3] as string, directive: (marked[2] as string).length === 2 };
      (marked[1] === '>' ? sent : answered).push(line);
    } else if (text.startsWith('= ')) expected.push(readExpectation({ number, text: text.slice(2) }, fail));
    else if (text === '! raw') raw = true;
    else fail(number, `a line of an exchange begins with \`> \`, \`< \`, \`= \`, \`#\`, or is \`! raw\`; got: ${text}`);
  }
  const at = section.at.number;
  if (expected.length === 0) fail(at, 'nothing is expected: a line `= …` is missing');
  const aboutDocument = expected.some(({ about }) => about === 'document');
  if (aboutDocument !== (sent.length === 0)) fail(at, 'an exchange has a request (`> …`), or only expectations `= document …`');
  const request = sent.length === 0 ? undefined : readMessage(sent, { side: 'request', raw, method: '' }, fail);
  const method = request?.first ?? '';
  const response = answered.length === 0 ? undefined : readMessage(answered, { side: 'response', raw, method }, fail);
  return { kind, title, line: at, request, raw, response, expected };
}
