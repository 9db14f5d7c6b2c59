/** Reads the heads of requests off what comes on a connection. */
import type { RequestHead } from '../../../core/exchange.ts';
import { type Rejection, rejection } from '../../../core/rejection.ts';
import { CR, LF, isTokenCode } from '../wire/characters.ts';
import { HeadReader, type ReadFault } from '../wire/head-reader.ts';
import { type RequestFraming, examineRequest } from '../wire/request-framing.ts';
import { type ParsedRequestHead, parseRequestHead } from '../wire/request-head.ts';
import type { Input } from './input.ts';
import type { Http1Options, ServerHooks, SplitTarget } from './options.ts';

/** Before a request line (RFC 9112 §2.2). */
const MAX_EMPTY_LINES = 16;

const malformed = (fault: string): Rejection => rejection('MALFORMED_REQUEST', fault);
const NOT_HTTP = Object.freeze(malformed('the request does not begin with a method'));
const LONE_CR = Object.freeze(malformed('a CR stands before the request that ends no line'));
const EMPTY_LINES = Object.freeze(malformed('too many empty lines stand before the request'));
const BARE_LF = Object.freeze(malformed('a line of the head ends without CR'));
const LONG_TARGET = Object.freeze(rejection('URI_TOO_LONG', 'the request target is too long'));
const LARGE_HEAD = Object.freeze(rejection('HEADERS_TOO_LARGE', 'the head of the request is too large'));

/** A head with the framing of its message, or what could be read of one that is refused. */
export interface ReadRequest {
  readonly head: RequestHead;
  readonly framing: RequestFraming;
  readonly refusal: Rejection | undefined;
}

/** A message of which nothing could be read; what is said of it is said in HTTP/1.1. */
const UNKNOWN: ParsedRequestHead = Object.freeze({ method: '', target: '', minor: 1, headers: [] });
/** Where a message ends that is refused nobody can say. */
const NO_FRAMING: RequestFraming = Object.freeze({
  body: 'none',
  lengthBytes: 0,
  expectsContinue: false,
  keepAlive: false,
  upgrade: undefined,
});

/** The head did not arrive in time. */
export const LATE_HEAD: ReadRequest = refused(UNKNOWN, rejection('REQUEST_TIMEOUT', 'the head of the request did not arrive in time'));

export class RequestReader {
  readonly options: Http1Options;
  readonly #hooks: ServerHooks;
  readonly #heads: HeadReader;
  #emptyLines = 0;
  #sawCr = false;

  constructor(options: Http1Options, hooks: ServerHooks) {
    this.options = options;
    this.#hooks = hooks;
    this.#heads = new HeadReader(options.maxHeaderBytes);
  }

  /** The first bytes of a head are here, and not its end. */
  get begun(): boolean {
    return this.#heads.started;
  }

  /** Takes one head off `input`. Undefined: all was taken, and more must come. After a refusal nobody can say what follows. */
  read(input: Input): ReadRequest | undefined {
    const heads = this.#heads;
    if (!heads.started) {
      const fault = this.#skipEmptyLines(input);
      if (fault !== undefined) return refused(UNKNOWN, fault);
      if (input.unreadBytes === 0) return undefined;
      // What can't become a request is not waited for: who speaks TLS here would wait, too.
      if (!isTokenCode(input.bytes[input.at] as number)) return refused(UNKNOWN, NOT_HTTP);
    }
    const read = heads.take(input.bytes, input.at);
    if (read === undefined) {
      input.at = input.bytes.length;
      return undefined;
    }
    if (typeof read === 'string') return this.#unreadable(read);
    input.at += heads.consumedBytes;
    this.#emptyLines = 0;
    const head = parseRequestHead(read.text);
    if (typeof head === 'string') return refused(requestLineOf(read.text), malformed(head));
    const framing = examineRequest(head, this.options);
    if ('code' in framing) return refused(head, framing);
    const split = this.#hooks.splitTarget(head.target);
    if ('code' in split) return refused(head, split);
    return { head: requestHead(head, split, framing.upgrade), framing, refusal: undefined };
  }

  #skipEmptyLines(input: Input): Rejection | undefined {
    for (; input.unreadBytes > 0; input.at += 1) {
      const c = input.bytes[input.at];
      if (this.#sawCr) {
        if (c !== LF) return LONE_CR;
        this.#sawCr = false;
        this.#emptyLines += 1;
        if (this.#emptyLines > MAX_EMPTY_LINES) return EMPTY_LINES;
      } else if (c === CR) this.#sawCr = true;
      else return undefined;
    }
    return undefined;
  }

  /** A target too long for itself is told of as that, though the head as a whole is too large as well (RFC 9112 §3). */
  #unreadable(fault: ReadFault): ReadRequest {
    if (fault === 'bare_lf') return refused(UNKNOWN, BARE_LF);
    if (fault === 'line_too_large') return refused(UNKNOWN, LONG_TARGET);
    const line = requestLineOf(this.#heads.refusedLine);
    return refused(line, line.target.length > this.options.maxUrlBytes ? LONG_TARGET : LARGE_HEAD);
  }
}

function refused(head: ParsedRequestHead, refusal: Rejection): ReadRequest {
  return {
    head: requestHead(head, { target: head.target, path: shownPath(head.target), query: '' }, undefined),
    framing: NO_FRAMING,
    refusal,
  };
}

function requestHead({ method, headers, minor }: ParsedRequestHead, split: SplitTarget, upgrade: string | undefined): RequestHead {
  const { target, path, query } = split;
  return { method, target, path, query, headers, httpVersion: minor === 0 ? '1.0' : '1.1', scheme: 'http', upgrade };
}

/** Method, target and version, where the request line is right though the head is not. */
function requestLineOf(text: string): ParsedRequestHead {
  const line = parseRequestHead(text.slice(0, text.indexOf('\r\n') + 2));
  return typeof line === 'string' ? UNKNOWN : line;
}

/** For the log alone. A target of another form may hold credentials. */
function shownPath(target: string): string {
  return target.startsWith('/') ? (target.split('?', 1)[0] as string) : '';
}
