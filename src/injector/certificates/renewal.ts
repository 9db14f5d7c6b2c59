import type { X509Certificate } from 'node:crypto';
import type { Random } from '../../core/ports.ts';
import { BACKDATED_MS, makeAuthority, makeServing } from './authority.ts';
import type { Kept } from './kept.ts';
import { CertificateError, matched, readCertificate } from './pair.ts';

/** What has to be made anew, and why, for the log. */
export type Due = { readonly what: 'authority' | 'serving'; readonly why: string } | undefined;

/** Renewed when so much of its life is over: two thirds, as cert-manager does. */
const RENEW_AFTER = 2 / 3;
/**
 * How long the authority before is trusted on. Replicas read the Secret every minute; a day is for one that could not reach the API
 * server.
 */
export const PREVIOUS_TRUSTED_MS = 24 * 60 * 60 * 1000;

/** What of `kept` must be renewed at `nowMs` (since 1970) for a server of these names. */
export function due(kept: Kept, names: readonly string[], nowMs: number): Due {
  let authority: X509Certificate;
  try {
    const { certificate, privateKey } = matched(kept.authority.cert, kept.authority.key);
    authority = certificate;
    if (!authority.ca) return { what: 'authority', why: 'its certificate is not that of an authority' };
    // Somebody put another one there: what we sign with is of one kind.
    if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return { what: 'authority', why: 'its key is not one of P-256' };
  } catch (error) {
    return { what: 'authority', why: reasonOf(error) };
  }
  const authorityAge = age(authority, nowMs);
  if (authorityAge !== undefined) return { what: 'authority', why: authorityAge };
  try {
    const { certificate } = matched(kept.serving.cert, kept.serving.key);
    const missing = names.find((name) => certificate.checkHost(name, { subject: 'never' }) === undefined);
    if (missing !== undefined) return { what: 'serving', why: `it is not for ${missing}` };
    if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
      return { what: 'serving', why: 'it is not signed by the authority' };
    }
    const servingAge = age(certificate, nowMs);
    return servingAge === undefined ? undefined : { what: 'serving', why: servingAge };
  } catch (error) {
    return { what: 'serving', why: reasonOf(error) };
  }
}

/** With what is due made anew. An authority that is replaced stays trusted for a while. */
export async function renewed(
  kept: Kept,
  what: 'authority' | 'serving',
  names: readonly string[],
  nowMs: number,
  random: Pick<Random, 'hex'>,
): Promise<Kept> {
  if (what === 'authority') return fresh(kept.authority.cert, names, nowMs, random);
  return { ...kept, serving: await makeServing(kept.authority, names, nowMs, random) };
}

/** All of it new. `previousAuthority`: what was served of until now, where that is known; dropped where it is no certificate, or over. */
export async function fresh(
  previousAuthority: string | undefined,
  names: readonly string[],
  nowMs: number,
  random: Pick<Random, 'hex'>,
): Promise<Kept> {
  const authority = await makeAuthority(nowMs, random);
  const serving = await makeServing(authority, names, nowMs, random);
  return { authority, serving, previousAuthority: isAlive(previousAuthority, nowMs) ? previousAuthority : undefined };
}

/** Whom the API server is to trust: PEM, the authority first. */
export function trusted({ authority, previousAuthority }: Kept, nowMs: number): string {
  const since = readCertificate(authority.cert).validFromDate.getTime() + BACKDATED_MS;
  const both = previousAuthority !== undefined && nowMs < since + PREVIOUS_TRUSTED_MS && isAlive(previousAuthority, nowMs);
  return [authority.cert, ...(both ? [previousAuthority] : [])].map((pem) => `${pem.trim()}\n`).join('');
}

function isAlive(pem: string | undefined, nowMs: number): boolean {
  if (pem === undefined) return false;
  try {
    const certificate = readCertificate(pem);
    return certificate.ca && nowMs < certificate.validToDate.getTime();
  } catch {
    return false;
  }
}

/** Undefined: young enough. */
function age({ validFromDate, validToDate }: X509Certificate, nowMs: number): string | undefined {
  const [from, until] = [validFromDate.getTime(), validToDate.getTime()];
  if (nowMs < from) return `it is not valid before ${validFromDate.toISOString()}`;
  return nowMs < from + (until - from) * RENEW_AFTER
    ? undefined
    : `two thirds of its life are over, which ends on ${validToDate.toISOString()}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof CertificateError) return error.message;
  throw error;
}
