import { createPrivateKey, type webcrypto } from 'node:crypto';
import type { X509Certificate as Made } from '@peculiar/x509';
import type { Random } from '../../core/ports.ts';
import { addReflectMetadata } from './reflect.ts';

/** Certificate and private key, both PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** A certificate is valid from so long before it was made: clocks of a cluster's nodes differ. */
export const BACKDATED_MS = HOUR_MS;
export const AUTHORITY_LIFE_MS = 3650 * DAY_MS;
export const SERVING_LIFE_MS = 90 * DAY_MS;

/** ECDSA on P-256 with SHA-256: what every API server takes, and small. */
const KEY = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/** A certificate authority of our own, for ten years (RFC 5280 §4.2.1.9: it signs no other authorities). `nowMs` since 1970. */
export async function makeAuthority(nowMs: number, random: Pick<Random, 'hex'>): Promise<KeyedCertificate> {
  const x509 = await library();
  const keys = await makeKeys();
  // A name of its own: whoever builds a chain tells two authorities of one bundle apart by it.
  const name = `CN=plumbline-injector CA ${random.hex(4)}`;
  const made = await x509.X509CertificateGenerator.create({
    ...common(nowMs, nowMs + AUTHORITY_LIFE_MS, random),
    subject: name,
    issuer: name,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return kept(made, keys.privateKey);
}

/** A certificate for a TLS server of these DNS names, for 90 days or as long as the authority lives. */
export async function makeServing(
  authority: KeyedCertificate,
  names: readonly string[],
  nowMs: number,
  random: Pick<Random, 'hex'>,
): Promise<KeyedCertificate> {
  const x509 = await library();
  const keys = await makeKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await crypto.subtle.importKey('pkcs8', pkcs8(authority.key), KEY, false, ['sign']);
  const made = await x509.X509CertificateGenerator.create({
    ...common(nowMs, Math.min(nowMs + SERVING_LIFE_MS, issuer.notAfter.getTime()), random),
    subject: 'CN=plumbline-injector',
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return kept(made, keys.privateKey);
}

/** 300 ms and 15 MB that a process which only reads certificates never pays. */
async function library(): Promise<typeof import('@peculiar/x509')> {
  addReflectMetadata();
  return import('@peculiar/x509');
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
}

/** Serial numbers are positive and have at most 20 octets (RFC 5280 §4.1.2.2). Instants have whole seconds there. */
function common(nowMs: number, untilMs: number, random: Pick<Random, 'hex'>) {
  return {
    serialNumber: `01${random.hex(16)}`,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(untilMs),
    signingAlgorithm: SIGNING,
  };
}

async function kept(made: Made, privateKey: CryptoKey): Promise<KeyedCertificate> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' }) as string;
  return { cert: `${made.toString('pem').trim()}\n`, key };
}

function pkcs8(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' }));
}
