/** All case files, read and checked. */
import { readdirSync, readFileSync } from 'node:fs';
import type { GatewayOptions } from '../kit/gateway-config.ts';
import { sectionBytes } from './bytes.ts';
import { CaseFault, type Form, oneOf, oneSection, parseCaseFile, type RawCase } from './case-file.ts';
import { type After, type ExpectedAnswer, type ExpectedRequest, expectedAnswers, expectedRequests } from './expectation.ts';

/** What a case file may say of the gateway's configuration: as in `plumbline.yaml`, see `GatewayOptions`. */
export type Config = Pick<GatewayOptions, 'listener' | 'route' | 'sections' | 'pool'>;

interface Case {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly config: Config;
  readonly client: readonly ExpectedAnswer[];
  readonly after: After;
}

export interface RequestCase extends Case {
  readonly send: Buffer;
  /** What the client does when its bytes are out: it waits, or it leaves. */
  readonly leaves: 'no' | 'fin' | 'rst';
  /** `silent`: the upstream never answers. */
  readonly upstreamDoes: 'answers' | 'silent';
  readonly upstream: readonly ExpectedRequest[];
}

export interface AnswerCase extends Case {
  /** Holds `/case` once, where the runner puts a number of its own behind it. */
  readonly request: Buffer;
  readonly answer: Buffer;
  /** What the upstream does when its bytes are out. */
  readonly end: 'keeps' | 'fin' | 'rst';
  /** Sent when the client has its answer; may be empty. */
  readonly late: Buffer;
  /** What becomes of the upstream's connection. */
  readonly socket: 'reused' | 'dropped';
}

const REQUEST_FORM: Form = {
  keys: ['rule', 'config', 'leaves', 'upstream'],
  sections: { send: 'once', upstream: 'any', client: 'once' },
};
const ANSWER_FORM: Form = {
  keys: ['rule', 'config', 'end', 'socket'],
  sections: { request: 'at most once', answer: 'once', late: 'at most once', client: 'once' },
};
const PLAIN_REQUEST = Buffer.from('GET /case HTTP/1.1\r\nHost: x\r\n\r\n');

export function requestCase(one: RawCase): RequestCase {
  return {
    ...common(one),
    send: bytesOf(one, 'send') ?? Buffer.alloc(0),
    leaves: oneOf(one, 'leaves', ['no', 'fin', 'rst']),
    upstreamDoes: oneOf(one, 'upstream', ['answers', 'silent']),
    upstream: one.sections.filter(({ kind }) => kind === 'upstream').flatMap((section) => expectedRequests(one, section)),
  };
}

export function answerCase(one: RawCase): AnswerCase {
  const request = bytesOf(one, 'request') ?? PLAIN_REQUEST;
  if (request.toString('latin1').split('/case').length !== 2)
    throw new CaseFault(one.file, one.line, 'the request does not hold /case once');
  return {
    ...common(one),
    request,
    answer: bytesOf(one, 'answer') ?? Buffer.alloc(0),
    end: oneOf(one, 'end', ['keeps', 'fin', 'rst']),
    late: bytesOf(one, 'late') ?? Buffer.alloc(0),
    socket: oneOf(one, 'socket', ['reused', 'dropped']),
  };
}

function common(one: RawCase): Case {
  const { file, line, name, sections } = one;
  const last = sections.at(-1);
  if (last?.kind !== 'client') throw new CaseFault(file, line, 'the last section is not client');
  const { answers, after } = expectedAnswers(one, last);
  return { file, line, name, config: configOf(one), client: answers, after };
}

function bytesOf(one: RawCase, kind: string): Buffer | undefined {
  const section = oneSection(one, kind);
  if (section === undefined) return undefined;
  try {
    return sectionBytes(section.lines);
  } catch (error) {
    throw new CaseFault(one.file, section.line, (error as Error).message);
  }
}

function configOf(one: RawCase): Config {
  const text = one.keys.get('config') ?? '{}';
  try {
    return JSON.parse(text) as Config;
  } catch {
    throw new CaseFault(one.file, one.line, 'config is no JSON');
  }
}

/** @throws CaseFault at the first file that is not fine. */
export function loadRequests(): RequestCase[] {
  return load('requests', REQUEST_FORM).map(requestCase);
}

/** @throws CaseFault at the first file that is not fine. */
export function loadAnswers(): AnswerCase[] {
  return load('answers', ANSWER_FORM).map(answerCase);
}

function load(folder: string, form: Form): RawCase[] {
  const files = readdirSync(new URL(`${folder}/`, import.meta.url)).filter((name) => name.endsWith('.txt'));
  return files.sort().flatMap((name) => {
    const text = readFileSync(new URL(`${folder}/${name}`, import.meta.url), 'utf8');
    return parseCaseFile(text, `${folder}/${name}`, form);
  });
}

/** For tests of the loader. */
export function parseRequests(text: string): RequestCase[] {
  return parseCaseFile(text, 'requests/x.txt', REQUEST_FORM).map(requestCase);
}

/** For tests of the loader. */
export function parseAnswers(text: string): AnswerCase[] {
  return parseCaseFile(text, 'answers/x.txt', ANSWER_FORM).map(answerCase);
}
