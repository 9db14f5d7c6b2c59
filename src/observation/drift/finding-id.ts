import { hash } from 'node:crypto';
import type { Drift } from '../../core/drift.ts';

/** What makes two observations the same finding. */
export type FindingKey = Pick<Drift, 'kind' | 'side' | 'specPointer' | 'name'>;

/** How many hexadecimal digits of the SHA-256 an id has: with 5,000 findings two are the same once in 10¹² stores. */
const DIGITS = 16;

/** The same over restarts, on all replicas, and out of the path. JSON keeps the parts apart: a name may have any character. */
export function findingId(api: string, { kind, side, specPointer, name }: FindingKey): string {
  return hash('sha256', JSON.stringify([api, kind, side, specPointer, name]), 'hex').slice(0, DIGITS);
}

const FORM = /^[0-9a-f]{16}$/;

export function isFindingId(text: string): boolean {
  return FORM.test(text);
}
