import type { ContractRequest, SkipReason, Violation } from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import { child } from './document/pointer.ts';
import type { Place } from './document/documents.ts';
import type { Findings } from './judging.ts';
import type { SchemeUse, SecurityModel } from './model.ts';
import type { SpecPointers } from './schema/violations.ts';
import { challengeOf, realmOf } from './security/challenge.ts';
import { MET, type Met, isVerified, met } from './security/presence.ts';

const MAX_DETAIL = 300;
/** Scopes that one message lists. */
const MAX_SCOPES = 20;

/** One of the ways to be let in: all of its schemes together. */
interface Alternative {
  readonly uses: readonly SchemeUse[];
  readonly place: Place;
}

/** What a request has of one alternative. */
interface Tried {
  readonly alternative: Alternative;
  readonly met: readonly Met[];
  /** The lower the nearer. */
  readonly distance: number;
}

/** How far off one scheme is that is not met. */
const FAR: Readonly<Record<Exclude<Met['is'], 'met'>, number>> = { unknown: 0, scope: 1, invalid: 2, malformed: 3, absent: 4 };

/**
 * Which credentials an operation asks for: one alternative as a whole (OpenAPI 3.1.1 §4.8.30). Presence and form alone are judged; whether they
 * are good only of access tokens, and only where these are verified.
 */
export class Security {
  readonly #alternatives: readonly Alternative[];
  readonly #place: Place;
  readonly #pointers: SpecPointers;
  readonly #realm: string;
  /** What WWW-Authenticate says to a request without credentials; undefined where nothing can be asked for. */
  readonly challenge: string | undefined;
  /** API keys that travel in the query. */
  readonly queryKeys: ReadonlySet<string>;
  readonly #needs: string;
  readonly #hasTokens: boolean;
  /** Those that no access token belongs to. */
  readonly #withoutToken: readonly Alternative[];

  /** Undefined where an alternative asks for nothing that could be seen. */
  static of(model: SecurityModel | undefined, title: string, pointers: SpecPointers): Security | undefined {
    if (model === undefined || model.alternatives.length === 0) return undefined;
    if (model.alternatives.some((uses) => uses.every(({ scheme }) => scheme.type === 'unseen'))) return undefined;
    return new Security(model, title, pointers);
  }

  private constructor({ alternatives, place }: SecurityModel, title: string, pointers: SpecPointers) {
    this.#alternatives = alternatives.map((uses, i) => ({ uses, place: { file: place.file, pointer: child(place.pointer, i) } }));
    this.#place = place;
    this.#pointers = pointers;
    this.#realm = realmOf(title);
    const uses = alternatives.flat();
    this.queryKeys = new Set(uses.flatMap(({ scheme }) => (scheme.type === 'apiKey' && scheme.in === 'query' ? [scheme.key] : [])));
    this.challenge = challengeOf(uses, this.#realm);
    this.#hasTokens = uses.some(({ scheme }) => isVerified(scheme));
    this.#withoutToken = this.#alternatives.filter((one) => !one.uses.some(({ scheme }) => isVerified(scheme)));
    this.#needs = alternatives.map(named).join(', or ');
  }

  /** Whether what becomes of the access token decides: not where an alternative without one is met, as one is enough (OpenAPI 3.1.1 §4.8.30). */
  asksForToken(request: ContractRequest): boolean {
    return this.#hasTokens && !this.#withoutToken.some(({ uses }) => areMet(uses, request, undefined));
  }

  check(request: ContractRequest, findings: Findings, token: TokenVerdict | undefined): void {
    for (const { uses } of this.#alternatives) if (areMet(uses, request, token)) return;
    let nearest: Tried | undefined;
    for (const alternative of this.#alternatives) {
      const tried = attempt(alternative, request, token);
      if (nearest === undefined || tried.distance < nearest.distance) nearest = tried;
    }
    if (nearest === undefined) return;
    const unknown = unknownOf(nearest);
    if (unknown !== undefined) findings.skip(unknown);
    else this.#tell(nearest, findings);
  }

  /** The first of its schemes that is furthest off decides what is wrong. */
  #tell({ alternative, met: all }: Tried, findings: Findings): void {
    const worst = all.reduce((a, b) => (far(b) > far(a) ? b : a));
    const at = all.indexOf(worst);
    const use = alternative.uses[at] as SchemeUse;
    switch (worst.is) {
      case 'scope':
        for (const i of worst.missing.slice(0, MAX_SCOPES)) {
          const place = { file: use.place.file, pointer: child(use.place.pointer, i) };
          findings.add('scope_missing', 'security', '', place, bounded(`${use.name}: the token lacks the scope ${use.scopes[i]}`));
        }
        return;
      case 'invalid':
        findings.add('credentials_invalid', 'security', '', use.place, bounded(`${use.name}: ${worst.detail}`));
        return;
      default: {
        const part = all.some(({ is }) => is !== 'absent');
        const lacks = worst.is === 'malformed' ? 'is not in its form' : 'is missing';
        const nearest = part ? `; nearest is ${named(alternative.uses)}: ${use.name} ${lacks}` : '';
        const place = part ? alternative.place : this.#place;
        findings.add('credentials', 'security', '', place, bounded(`needs credentials: ${this.#needs}`) + bounded(nearest));
      }
    }
  }

  /** What WWW-Authenticate says about a violation of these requirements (RFC 6750 §3). */
  challengeTo({ rule, specPointer }: Violation): string | undefined {
    const all = this.#alternatives.flatMap(({ uses }) => uses);
    if (rule === 'credentials_invalid') return challengeOf(all, this.#realm, { error: 'invalid_token' });
    if (rule !== 'scope_missing') return this.challenge;
    const refused = this.#alternatives.find(({ place }) => specPointer.startsWith(`${this.#pointers.of(place)}/`));
    const uses = refused?.uses.filter(({ scheme }) => scheme.type === 'bearer') ?? [];
    return challengeOf(uses, this.#realm, { error: 'insufficient_scope', scopes: [...new Set(uses.flatMap(({ scopes }) => scopes))] });
  }
}

/** Request fields that carry an API key, in lower case; those of an alternative that may be left out too. */
export function keyFieldsOf(model: SecurityModel | undefined): readonly string[] {
  const uses = model?.alternatives.flat() ?? [];
  return [...new Set(uses.flatMap(({ scheme }) => (scheme.type === 'apiKey' && scheme.in === 'header' ? [scheme.key.toLowerCase()] : [])))];
}

function areMet(uses: readonly SchemeUse[], request: ContractRequest, token: TokenVerdict | undefined): boolean {
  for (const use of uses) if (met(use, request, token) !== MET) return false;
  return true;
}

/** Of an alternative that is not met. */
function attempt(alternative: Alternative, request: ContractRequest, token: TokenVerdict | undefined): Tried {
  let worst = -1;
  let off = 0;
  const all: Met[] = [];
  for (const use of alternative.uses) {
    const one = met(use, request, token);
    all.push(one);
    if (one.is === 'met') continue;
    off += 1;
    worst = Math.max(worst, far(one));
  }
  // What is furthest off counts first, then how much is missing, then how much is there.
  return { alternative, met: all, distance: worst * 10_000 + off * 100 - (all.length - off) };
}

/** Why nothing can be said: as far as it can be seen, the nearest alternative is there as a whole. */
function unknownOf({ met: all }: Tried): SkipReason | undefined {
  let reason: SkipReason | undefined;
  for (const one of all) {
    if (one.is === 'unknown') reason ??= one.reason;
    else if (one.is !== 'met') return undefined;
  }
  return reason;
}

function far({ is }: Met): number {
  return is === 'met' ? -1 : FAR[is];
}

function named(uses: readonly SchemeUse[]): string {
  return uses.map(({ name }) => name).join(' and ');
}

function bounded(text: string): string {
  return text.slice(0, MAX_DETAIL);
}
