import type { StoreRecord, StoreValue } from '../../core/store.ts';

/** The record and its fields' table, its entry in the cache and in the cache's own table. */
const RECORD_BYTES = 160;
/** A slot, and the head of the string or array that it leads to. */
const FIELD_BYTES = 32;
/** A typed array and its buffer are objects of their own outside the field. */
const ARRAY_BYTES = 160;

/**
 * What a record takes in memory, bytes: an estimate that is rather too high (a character counts as two bytes, though V8 keeps Latin-1 in
 * one), so that a limit in bytes is one.
 */
export function recordBytes(key: string, { fields }: StoreRecord): number {
  let bytes = RECORD_BYTES + 2 * key.length;
  for (const name in fields) bytes += FIELD_BYTES + valueBytes(fields[name] as StoreValue);
  return bytes;
}

function valueBytes(value: StoreValue): number {
  if (typeof value === 'number') return 0;
  return typeof value === 'string' ? 2 * value.length : ARRAY_BYTES + value.byteLength;
}

/**
 * The record with bytes of its own where they are a small part of a larger buffer: a view of 200 bytes keeps the 64 KiB alive that were
 * read from a socket with it, and no count would tell.
 */
export function withOwnBytes(record: StoreRecord): StoreRecord {
  let own: Record<string, StoreValue> | undefined;
  for (const name in record.fields) {
    const value = record.fields[name] as StoreValue;
    if (typeof value !== 'object' || value.buffer.byteLength <= 2 * value.byteLength) continue;
    own ??= { ...record.fields };
    own[name] = new Uint8Array(value); // a Buffer's own `slice` is a view
  }
  return own === undefined ? record : { ...record, fields: own };
}
