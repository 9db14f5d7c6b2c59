import { type Rejection, rejection } from '../../../core/rejection.ts';
import { listMembers } from './list-members.ts';

const malformed = (detail: string): Rejection => Object.freeze(rejection('MALFORMED_REQUEST', detail));

const NOT_LAST = malformed('Transfer-Encoding does not end with chunked');
const TWICE = malformed('chunked is applied twice');
const NO_CODING = malformed('Transfer-Encoding is no list of transfer codings');
const OTHER_CODING = Object.freeze(rejection('UNSUPPORTED_TRANSFER_CODING', 'the only transfer coding that is known here is chunked'));

const CODING = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const DIGITS = /^\d{1,16}$/;

/** Bytes that Content-Length announces (RFC 9110 §8.6); −1: it is no number below 2^53, or not one number. `5, 5` is 5 (RFC 9112 §6.3). */
export function lengthOf(value: string): number {
  if (value.includes(',')) {
    const [first = '', ...others] = listMembers(value);
    return others.every((other) => other === first) ? lengthOf(first) : -1;
  }
  if (!DIGITS.test(value)) return -1;
  const bytes = Number(value);
  return Number.isSafeInteger(bytes) ? bytes : -1;
}

/** What is wrong with Transfer-Encoding, all its fields joined (RFC 9112 §6.1, §7); undefined: it is `chunked`. */
export function codingFault(value: string): Rejection | undefined {
  const codings = listMembers(value.toLowerCase());
  if (!codings.every((coding) => CODING.test(coding))) return NO_CODING;
  if (codings.at(-1) !== 'chunked') return NOT_LAST;
  if (codings.indexOf('chunked') < codings.length - 1) return TWICE;
  return codings.length === 1 ? undefined : OTHER_CODING;
}
