/** What a request's head says of the message and of its connection, and what no head may say (semantics HY-1, HY-3; RFC 9112 §3.2, §6, §9.3). */
import { fieldName } from '../../../core/headers.ts';
import { isOwnField } from '../../../core/own-fields.ts';
import { type Rejection, rejection } from '../../../core/rejection.ts';
import { hostEnd } from './authority.ts';
import { NO_OPTIONS, connectionOptions, passableProtocols } from './connection-options.ts';
import { listMembers } from './list-members.ts';
import { codingFault, lengthOf } from './message-length.ts';
import type { ParsedRequestHead } from './request-head.ts';
import { targetFault } from './request-target.ts';

export interface RequestFraming {
  readonly body: 'none' | 'length' | 'chunked';
  /** As announced; 0 where there is no length. */
  readonly lengthBytes: number;
  /** The client waits for a 100 before it sends the body (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** The client can use the connection again (RFC 9112 §9.3). */
  readonly keepAlive: boolean;
  /** The protocols that the client asks to change to and that may be passed on (RFC 9110 §7.8). */
  readonly upgrade: string | undefined;
}

export interface RequestRules {
  readonly maxUrlBytes: number;
  /** What becomes of names that are one of ours with `_` for `-` (`hygiene.underscores`). */
  readonly underscores: 'reject' | 'pass';
  /** Lower-case names that the configuration makes ours besides: fields that name the consumer or carry a timeout. */
  readonly ownFields: readonly string[];
}

/** Nobody needs more; each costs far more than its bytes. */
const MAX_FIELDS = 1000;

const malformed = (detail: string): Rejection => Object.freeze(rejection('MALFORMED_REQUEST', detail));

const NO_HOST = malformed('a request of HTTP/1.1 needs a Host');
const TWO_HOSTS = malformed('more than one Host');
const BAD_HOST = malformed('Host is not a host with or without a port');
const BAD_LENGTH = malformed('Content-Length is not one number of bytes');
const LENGTH_AND_CODING = malformed('Content-Length stands beside Transfer-Encoding');
const OLD_CODING = malformed('HTTP/1.0 knows no Transfer-Encoding');
const connectionNames = (lower: string): Rejection => malformed(`Connection names ${shown(lower)}, a field that goes to the service`);
const underscore = (name: string): Rejection =>
  malformed(`the field name ${shown(name)} has _ where a field that the gateway relies on has -`);
/** A field's name is no payload; one that is no name was refused before. */
const shown = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}…` : name);
const TRACE_BODY = malformed('TRACE has no body');
const TARGET_TOO_LONG = Object.freeze(rejection('URI_TOO_LONG', 'the request target is too long'));
const TOO_MANY_FIELDS = Object.freeze(rejection('HEADERS_TOO_LARGE', `more than ${MAX_FIELDS} header fields`));
const EXPECTATION = Object.freeze(rejection('EXPECTATION_FAILED', 'only 100-continue can be expected'));

/** Most requests are one of these two. */
const BARE: RequestFraming = Object.freeze({
  body: 'none',
  lengthBytes: 0,
  expectsContinue: false,
  keepAlive: true,
  upgrade: undefined,
});
const BARE_LAST: RequestFraming = Object.freeze({ ...BARE, keepAlive: false });

/**
 * One pass over a head that was read. After a rejection nobody can be sure what follows on the connection: it must be closed.
 * `head.headers` is made unambiguous in place: one Content-Length, in plain digits; no field that Connection names; a Host for an
 * absolute-form of HTTP/1.0. So what the gateway judges is what the upstream gets.
 */
export function examineRequest(head: ParsedRequestHead, rules: RequestRules): RequestFraming | Rejection {
  const { headers, minor } = head;
  if (head.target.length > rules.maxUrlBytes) return TARGET_TOO_LONG;
  if (headers.length > 2 * MAX_FIELDS) return TOO_MANY_FIELDS;
  let host: string | undefined;
  let length: string | undefined;
  let lengths = 0;
  let coding: string | undefined;
  let expect: string | undefined;
  let connection: string | undefined;
  let upgrade: string | undefined;
  let settings = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    switch (name.length) {
      case 4:
        if (!isNamed(name, 'Host', 'host')) break;
        if (host !== undefined) return TWO_HOSTS;
        host = value;
        break;
      case 6:
        if (isNamed(name, 'Expect', 'expect')) expect = joined(expect, value);
        break;
      case 7:
        if (isNamed(name, 'Upgrade', 'upgrade')) upgrade = joined(upgrade, value);
        break;
      case 10:
        if (isNamed(name, 'Connection', 'connection')) connection = joined(connection, value);
        break;
      case 14:
        if (isNamed(name, 'Content-Length', 'content-length')) {
          if (lengths > 0 && length !== value) return BAD_LENGTH;
          length = value;
          lengths += 1;
        } else if (isNamed(name, 'HTTP2-Settings', 'http2-settings')) settings = true;
        break;
      case 17:
        if (isNamed(name, 'Transfer-Encoding', 'transfer-encoding')) coding = joined(coding, value);
    }
    if (rules.underscores === 'reject' && name.includes('_') && isOurs(fieldName(name).lower.replaceAll('_', '-'), rules))
      return underscore(name);
  }

  if (host === undefined ? minor === 1 : hostEnd(host) < 0) return host === undefined ? NO_HOST : BAD_HOST;
  const fault = targetFault(head, host);
  if (fault !== undefined) return fault;
  const options = connection === undefined ? NO_OPTIONS : connectionOptions(connection);
  if (options.names.length > 0) {
    const ours = options.names.find((name) => isOurs(name, rules));
    if (ours !== undefined) return connectionNames(ours);
    const named = new Set(options.names).add('connection');
    remove(headers, (lower) => named.has(lower));
  }
  if (settings) remove(headers, (lower) => lower === 'http2-settings'); // RFC 9113 §3.1: goes nowhere without its h2c
  const keepAlive = !options.close && (minor === 1 || options.keepAlive);

  if (coding !== undefined) {
    if (minor === 0) return OLD_CODING;
    if (length !== undefined) return LENGTH_AND_CODING;
    const codingWrong = coding === 'chunked' ? undefined : codingFault(coding);
    if (codingWrong !== undefined) return codingWrong;
    return withBody(head, 'chunked', 0, expect, keepAlive);
  }
  if (length !== undefined) {
    const lengthBytes = lengthOf(length);
    if (lengthBytes < 0) return BAD_LENGTH;
    if (lengths > 1 || length !== String(lengthBytes)) setLength(headers, String(lengthBytes));
    if (lengthBytes > 0) return withBody(head, 'length', lengthBytes, expect, keepAlive);
  }
  if (expect !== undefined && minor === 1 && !isContinue(expect)) return EXPECTATION;
  const passed = upgrade === undefined || minor === 0 || !options.upgrade ? undefined : passableProtocols(upgrade);
  if (passed !== undefined) return { ...BARE, keepAlive, upgrade: passed };
  return keepAlive ? BARE : BARE_LAST;
}

/** HTTP/1.0 knows no expectations: there the field is passed over (RFC 9110 §10.1.1). */
function withBody(
  { method, minor }: ParsedRequestHead,
  body: 'length' | 'chunked',
  lengthBytes: number,
  expect: string | undefined,
  keepAlive: boolean,
): RequestFraming | Rejection {
  if (method === 'TRACE') return TRACE_BODY; // RFC 9110 §9.3.8
  const expected = expect !== undefined && minor === 1;
  if (expected && !isContinue(expect)) return EXPECTATION;
  return { body, lengthBytes, expectsContinue: expected, keepAlive, upgrade: undefined };
}

/** Of names of one length: the first letter tells most apart, and the usual spelling is nearly always the one. */
function isNamed(name: string, usual: string, lower: string): boolean {
  return (name.charCodeAt(0) | 0x20) === lower.charCodeAt(0) && (name === usual || fieldName(name).lower === lower);
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

function isContinue(expect: string): boolean {
  return expect === '100-continue' || listMembers(expect).every((member) => member.toLowerCase() === '100-continue');
}

function isOurs(lower: string, { ownFields }: RequestRules): boolean {
  return isOwnField(lower) || ownFields.includes(lower);
}

/** One Content-Length, where the first stood. */
function setLength(headers: string[], value: string): void {
  let placed = false;
  remove(headers, (lower, i) => {
    if (lower !== 'content-length') return false;
    if (placed) return true;
    placed = true;
    headers[i + 1] = value;
    return false;
  });
}

/** `goes` is asked for each field in turn, with its place. */
function remove(headers: string[], goes: (lower: string, at: number) => boolean): void {
  let to = 0;
  for (let i = 0; i < headers.length; i += 2) {
    if (goes(fieldName(headers[i] as string).lower, i)) continue;
    headers[to] = headers[i] as string;
    headers[to + 1] = headers[i + 1] as string;
    to += 2;
  }
  headers.length = to;
}
