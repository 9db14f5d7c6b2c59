import {
  type BodyLook,
  type Contract,
  type ItemCheck,
  type Match,
  type Operation,
  type Outcome,
  type SkipReason,
  VALID,
  type Violation,
} from '../../src/core/contract.ts';
import type { ParsedBody } from '../../src/core/parsed-body.ts';

export function violation(more: Partial<Violation> = {}): Violation {
  return {
    rule: 'required',
    side: 'request',
    location: 'body',
    pointer: '/amount',
    specPointer: '/paths/~1payments/post',
    detail: 'amount is missing',
    ...more,
  };
}

export const invalid = (...violations: readonly Partial<Violation>[]): Outcome => ({
  is: 'invalid',
  violations: violations.map(violation),
});
export const skippedFor = (reason: SkipReason): Outcome => ({ is: 'skipped', reason });

/** What a contract says of one operation; everything is valid and the body's bytes are wanted unless a test says otherwise. */
export interface Verdicts {
  id: string;
  challenge: string | undefined;
  looksAtRequest: BodyLook;
  looksAtResponse: BodyLook;
  requestHead: Outcome;
  requestBody: Outcome;
  requestItems: Outcome;
  responseHead: Outcome;
  responseBody: Outcome;
  responseItems: Outcome;
}

export interface FakeOperation extends Operation {
  readonly says: Verdicts;
  /** Which checks were made, in order; a body check with the text of the body, `-` where there was none. */
  readonly checks: string[];
}

export function fakeOperation(more: Partial<Verdicts> = {}): FakeOperation {
  const says: Verdicts = {
    id: 'createPayment',
    challenge: undefined,
    looksAtRequest: true,
    looksAtResponse: true,
    requestHead: VALID,
    requestBody: VALID,
    requestItems: VALID,
    responseHead: VALID,
    responseBody: VALID,
    responseItems: VALID,
    ...more,
  };
  const checks: string[] = [];
  const shown = (body: ParsedBody | undefined): string => (body === undefined ? '-' : (body.text() ?? 'bytes'));
  const check = (what: string, outcome: Outcome): Outcome => {
    checks.push(what);
    return outcome;
  };
  return {
    says,
    checks,
    id: says.id,
    method: 'POST',
    template: '/payments',
    specPointer: '/paths/~1payments/post',
    deprecated: false,
    deprecation: undefined,
    deprecatedParts: undefined,
    driftParts: undefined,
    get challenge() {
      return says.challenge;
    },
    keyFields: [],
    asksForToken: () => false,
    challengeTo: () => says.challenge,
    looksAtBody: (side) => (side === 'request' ? says.looksAtRequest : says.looksAtResponse),
    openItems: (side) => fakeItems(says[`${side}Items`], (text) => void checks.push(`${side} items ${text}`)),
    checkRequestHead: () => check('request head', says.requestHead),
    checkRequestBody: (_request, body) => check(`request body ${shown(body)}`, says.requestBody),
    checkResponseHead: () => check('response head', says.responseHead),
    checkResponseBody: (_request, _response, body) => check(`response body ${shown(body)}`, says.responseBody),
  };
}

/** Gathers what goes by; `told` once, at the end. Each chunk is an item: what is wrong is known with the first of them. */
function fakeItems(outcome: Outcome, told: (text: string) => void): ItemCheck {
  let text = '';
  return {
    get found() {
      return outcome.is === 'invalid' && text !== '' ? outcome.violations : [];
    },
    cut: () => (text === '' ? skippedFor('stream') : outcome),
    get heldBytes() {
      return text.length;
    },
    onData: (chunk) => {
      text += Buffer.from(chunk).toString();
    },
    end: () => {
      told(text);
      return outcome;
    },
  };
}

/** A contract that answers every `match` the same way. */
export function fakeContract(operations: readonly Operation[], match: Match = { miss: 'path' }): Contract {
  return { name: 'billing', version: '1.2.0', digest: '0123456789ab', operations, match: () => match, warmUp: () => false };
}
