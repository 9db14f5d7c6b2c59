import { type RawHeaders, fieldName } from '../../../core/headers.ts';

/** RFC 6750 §2.1: `b64token`. */
const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*$/;
/** RFC 7617 §2: base64 of RFC 4648; also the alphabet for URLs, which servers take. */
const BASE64 = /^[A-Za-z0-9+/_-]+=*$/;
/** Begins with a parameter (RFC 9110 §11.2): a name, `=`, and something that is not the padding of a token. */
const PARAMETERS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+[ \t]*=[ \t]*[^\s=,]/;

/**
 * Registered schemes (IANA, "Hypertext Transfer Protocol (HTTP) Authentication Scheme Registry") and what stands after their name: one token, or
 * parameters. Of others the name is all that is known (RFC 9110 §11.4 lets it stand alone).
 */
const FORMS: ReadonlyMap<string, RegExp> = new Map([
  ['basic', BASE64],
  ['bearer', TOKEN68],
  ['dpop', TOKEN68],
  ['gnap', TOKEN68],
  ['negotiate', TOKEN68],
  ['concealed', PARAMETERS],
  ['digest', PARAMETERS],
  ['hoba', PARAMETERS],
  ['mutual', PARAMETERS],
  ['oauth', PARAMETERS],
  ['privatetoken', PARAMETERS],
  ['scram-sha-1', PARAMETERS],
  ['scram-sha-256', PARAMETERS],
  ['vapid', PARAMETERS],
]);

/** `malformed`: credentials of this scheme are there, and cannot be read as such. */
export type Presence = 'met' | 'absent' | 'malformed';

/**
 * Whether Authorization carries credentials of a scheme, whose name is in lower case (it is compared without case, RFC 9110 §11.1). Of several
 * lines, which nobody should send (§5.3), one is enough: which of them a service reads is not known.
 */
export function authorized(headers: RawHeaders, schemes: readonly string[]): Presence {
  let presence: Presence = 'absent';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 13 || fieldName(name).lower !== 'authorization') continue;
    const value = headers[i + 1] as string;
    const space = value.indexOf(' ');
    const scheme = (space < 0 ? value : value.slice(0, space)).toLowerCase();
    if (!schemes.includes(scheme)) continue;
    const form = FORMS.get(scheme);
    if (form === undefined || (space >= 0 && form.test(value.slice(space).trim()))) return 'met';
    presence = 'malformed';
  }
  return presence;
}
