/** A place in an error answer: names, and 0 for the first item of a list. */
type Path = readonly (string | 0)[];

/**
 * Where stable codes stand, the most telling first: the seed's error model and most problem details (`code`), JSON:API (`errors[0].code`), GraphQL over
 * HTTP, Salesforce (a list), OAuth 2.0 (`error`, RFC 6749 §5.2), Stripe and OpenAI (`error.type` where `error.code` is null), Google's AIP-193
 * (`error.status`, as its `error.code` is the status again).
 */
const PLACES: readonly Path[] = [
  ['code'],
  ['error', 'code'],
  ['errors', 0, 'code'],
  ['errors', 0, 'extensions', 'code'],
  ['errorCode'],
  ['error_code'],
  [0, 'errorCode'],
  [0, 'code'],
  ['error'],
  ['error', 'type'],
  ['error', 'status'],
];

/** The stable code of an error answer, as it stands there; undefined where it has none that is certain to be one. `body`: what JSON.parse gave. */
export function errorCode(body: unknown, status: number): string | undefined {
  for (const path of PLACES) {
    const code = token(at(body, path), status);
    if (code !== undefined) return code;
  }
  return undefined;
}

function at(body: unknown, path: Path): unknown {
  let value = body;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== (step === 0) || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const MAX_LENGTH = 64;
const MAX_DIGITS = 5;
/** Words of letters, each with digits at its end at most, joined by one mark each: `card_declined`, `InvalidParameter`, `ERR-1042`, `user.not_found`. */
const WORDS = /^[A-Za-z]+\d*(?:[_.:-](?:[A-Za-z]+\d*|\d+))*$/;

/**
 * A code is a word out of a list that somebody wrote down; anything else in its place is payload and shown to nobody: sentences, addresses, identifiers
 * (digits between letters, or more than five), empty texts. A number that repeats the status tells nothing.
 */
function token(value: unknown, status: number): string | undefined {
  if (typeof value === 'number')
    return Number.isInteger(value) && value !== status && Math.abs(value) < 10 ** MAX_DIGITS ? String(value) : undefined;
  if (typeof value !== 'string' || value === '' || value.length > MAX_LENGTH) return undefined;
  if (/^\d+$/.test(value)) return value.length <= MAX_DIGITS && Number(value) !== status ? value : undefined;
  return WORDS.test(value) && value.replace(/\D/g, '').length <= MAX_DIGITS ? value : undefined;
}
