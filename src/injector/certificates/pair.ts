import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** A certificate with its key that a TLS server can use. */
export interface ServingPair {
  /** PEM: the certificate, and those between it and its authority. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
}

/** Why a certificate cannot be served, for people. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * @throws CertificateError where certificate and key cannot be read, do not belong together, or the certificate has expired at `nowMs`. One that is not
 * valid yet is taken: a clock that is a second behind must not keep a new one from being served.
 */
export function servingPair(cert: string, key: string, nowMs: number): ServingPair {
  const { certificate } = matched(cert, key);
  const until = certificate.validToDate.getTime();
  if (nowMs >= until) throw new CertificateError(`the certificate has expired on ${certificate.validToDate.toISOString()}`);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new CertificateError(`TLS does not take certificate and key: ${(error as Error).message}`);
  }
  return { cert, key, notAfterMs: until };
}

/** The first certificate of `cert` and its private key. @throws CertificateError where they are none, or not of each other. */
export function matched(cert: string, key: string): { readonly certificate: X509Certificate; readonly privateKey: KeyObject } {
  const certificate = readCertificate(cert);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch {
    // OpenSSL's own words quote nothing of the key, and say nothing either.
    throw new CertificateError('the private key cannot be read (PEM is wanted, without a passphrase)');
  }
  if (!certificate.checkPrivateKey(privateKey)) throw new CertificateError('the private key is not that of the certificate');
  return { certificate, privateKey };
}

/** @throws CertificateError */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new CertificateError('the certificate cannot be read (PEM is wanted)');
  }
}
