import { DRIFT_KINDS } from '../../src/core/drift.ts';
import type { Fail, Line } from './fault.ts';

export type Side = 'request' | 'response';

/** What an exchange must come to, or what the check of the document must say. */
export type Expectation =
  | { readonly about: Side; readonly is: 'valid' | 'none' | 'untold' }
  | { readonly about: Side; readonly is: 'skipped'; readonly reason: string }
  /** `rule location pointer`; further lines are further violations. */
  | { readonly about: Side; readonly is: 'invalid'; readonly violation: string }
  /** What drift was found; undefined: none. `what`: its name or its pointer, with blanks in it or empty. */
  | { readonly about: 'finding'; readonly found: { readonly kind: string; readonly what: string } | undefined }
  | { readonly about: 'status'; readonly status: number }
  | { readonly about: 'header'; readonly name: string; readonly value: string | undefined }
  | {
      readonly about: 'document';
      readonly severity: 'error' | 'warning' | 'info';
      readonly code: string;
      readonly pointer: string | undefined;
    };

const FORMS =
  'request|response valid, request|response invalid RULE LOCATION [POINTER], request|response invalid untold, ' +
  'request|response skipped REASON, request|response none, finding KIND [NAME|POINTER], no finding, status CODE, header NAME: VALUE, no-header NAME, ' +
  'document error|warning|info CODE [POINTER]';

/** Reads a line `= …`, without its mark. */
export function readExpectation(line: Line, fail: Fail): Expectation {
  const [about = '', is = '', ...rest] = line.text.split(' ');
  const unknown = (): never => fail(line.number, `cannot be expected: ${line.text}; expected ${FORMS}`);
  switch (about) {
    case 'request':
    case 'response':
      return readVerdict(about, is, rest, unknown);
    case 'finding':
      return (DRIFT_KINDS as readonly string[]).includes(is) ? { about, found: { kind: is, what: rest.join(' ') } } : unknown();
    case 'no':
      return is === 'finding' && rest.length === 0 ? { about: 'finding', found: undefined } : unknown();
    case 'status':
      return /^\d{3}$/.test(is) && rest.length === 0 ? { about, status: Number(is) } : unknown();
    case 'no-header':
      return is !== '' && rest.length === 0 ? { about: 'header', name: is, value: undefined } : unknown();
    case 'header': {
      const [, name = '', value = ''] = /^header ([^: ]+): (.*)$/.exec(line.text) ?? [];
      return name === '' ? unknown() : { about, name, value };
    }
    case 'document': {
      const [code, pointer, ...more] = rest;
      if ((is !== 'error' && is !== 'warning' && is !== 'info') || code === undefined || more.length > 0) return unknown();
      return { about, severity: is, code, pointer };
    }
    default:
      return unknown();
  }
}

function readVerdict(about: Side, is: string, rest: readonly string[], unknown: () => never): Expectation {
  if (is === 'valid' || is === 'none') return rest.length === 0 ? { about, is } : unknown();
  if (is === 'skipped') return rest.length === 1 ? { about, is, reason: rest[0] as string } : unknown();
  if (is !== 'invalid') return unknown();
  if (rest.length === 1 && rest[0] === 'untold') return { about, is: 'untold' };
  return rest.length >= 2 ? { about, is, violation: rest.join(' ') } : unknown();
}
