import type { BodyDigest, Exchange } from '../../core/exchange.ts';
import type { Maybe, Unread } from '../../core/stage.ts';
import { fingerprintOf } from './scope.ts';

/** Bodies that are held to find a key in them, or to compare them (ID-6); of a request with a larger one only a marker is kept (ID-7). */
export const READ_BYTES = 1024 * 1024;

/** `cancelled`: the exchange was given up while the body came. */
export type Comparison = 'same' | 'other' | Unread | 'cancelled';

/** Whether a request is the one of this fingerprint; reads its body whole. */
export function compare(x: Exchange, fingerprint: string): Maybe<Comparison> {
  const digest = x.requestBody.digest();
  const body = x.requestBody.whole(READ_BYTES);
  return body instanceof Promise ? body.then((late) => compared(x, digest, late, fingerprint)) : compared(x, digest, body, fingerprint);
}

function compared(x: Exchange, digest: BodyDigest, body: readonly Uint8Array[] | Unread | 'cancelled', fingerprint: string): Comparison {
  if (typeof body === 'string') return body;
  return fingerprintOf(x, digest.value() as string) === fingerprint ? 'same' : 'other';
}

/** What a later request is compared with; empty where its body could not be compared, or has not wholly arrived. */
export function knownFingerprint(x: Exchange, digest: BodyDigest | undefined): string {
  const value = digest?.value();
  return value === undefined || x.requestBody.receivedBytes > READ_BYTES ? '' : fingerprintOf(x, value);
}
