import type { KeyedCertificate } from './authority.ts';
import { CertificateError } from './pair.ts';

/** What all replicas share: an authority, what it has signed, and the authority before it while some replica may still serve of that. */
export interface Kept {
  readonly authority: KeyedCertificate;
  readonly serving: KeyedCertificate;
  /** PEM. */
  readonly previousAuthority: string | undefined;
}

/** Says that the injector may overwrite the Secret. */
const MARK = 'plumbline.dev/injector-certificate';
const LABELS = { 'app.kubernetes.io/managed-by': 'plumbline-injector' };
const KEYS = {
  authorityCert: 'ca.crt',
  authorityKey: 'ca.key',
  servingCert: 'tls.crt',
  servingKey: 'tls.key',
  previous: 'ca-previous.crt',
} as const;
/** Base64. Our own have less than 1 KB. */
const MAX_VALUE_LENGTH = 64 * 1024;

/** The Secret as it is read. */
export interface ReadSecret {
  readonly resourceVersion: string;
  /** Undefined: it is empty, or what is in it is damaged. */
  readonly kept: Kept | undefined;
  /** What there is of the authority where the rest is damaged; it may still be trusted. */
  readonly authorityCert: string | undefined;
}

/** @throws CertificateError where the Secret is somebody else's: it has data, and nothing says that we put it there. */
export function readSecret(secret: unknown, name: string): ReadSecret {
  const { metadata, data } = record(secret);
  const { annotations, resourceVersion } = record(metadata);
  const values = record(data);
  if (typeof resourceVersion !== 'string' || resourceVersion === '')
    throw new CertificateError(`Secret ${name} came without a resource version`);
  if (Object.keys(values).length > 0 && record(annotations)[MARK] === undefined) {
    throw new CertificateError(
      `Secret ${name} has data and no annotation ${MARK}: it is not the injector's, and is left alone; name another one, or empty it`,
    );
  }
  const text = (key: string): string | undefined => {
    const value = values[key];
    if (typeof value !== 'string' || value === '' || value.length > MAX_VALUE_LENGTH) return undefined;
    return Buffer.from(value, 'base64').toString('utf8');
  };
  const authority = keyed(text(KEYS.authorityCert), text(KEYS.authorityKey));
  const serving = keyed(text(KEYS.servingCert), text(KEYS.servingKey));
  const previousAuthority = text(KEYS.previous);
  const kept = authority === undefined || serving === undefined ? undefined : { authority, serving, previousAuthority };
  return { resourceVersion, kept, authorityCert: text(KEYS.authorityCert) };
}

/** A new Secret. */
export function newSecret(name: string, namespace: string, kept: Kept): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name, namespace, labels: LABELS, annotations: { [MARK]: 'self-signed' } },
    data: dataOf(kept),
  };
}

/** A merge patch (RFC 7386) of the Secret as it was read; refused by the API server where it has changed since. */
export function secretPatch(resourceVersion: string, kept: Kept): unknown {
  return {
    metadata: { resourceVersion, annotations: { [MARK]: 'self-signed' } },
    data: { [KEYS.previous]: null, ...dataOf(kept) },
  };
}

function dataOf({ authority, serving, previousAuthority }: Kept): Record<string, string> {
  return {
    [KEYS.authorityCert]: base64(authority.cert),
    [KEYS.authorityKey]: base64(authority.key),
    [KEYS.servingCert]: base64(serving.cert),
    [KEYS.servingKey]: base64(serving.key),
    ...(previousAuthority !== undefined && { [KEYS.previous]: base64(previousAuthority) }),
  };
}

function keyed(cert: string | undefined, key: string | undefined): KeyedCertificate | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
