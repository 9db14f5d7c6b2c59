import type { PlacedWanted } from '../../core/document-reading.ts';
import type { Part } from './parts.ts';

/** What the reader and its thread tell each other: one thing at a time. Plain data: it is cloned. */
export type ToThread =
  /** Answered by `read`. */
  | { readonly do: 'read'; readonly uri: string; readonly bytes: Uint8Array }
  /** Answered by `part`; asked as long as there is one. */
  | { readonly do: 'more' }
  /** Answered by `placed`. */
  | { readonly do: 'place'; readonly bytes: Uint8Array; readonly wanted: PlacedWanted };

export type FromThread =
  /** All but the value, which follows in parts. */
  | { readonly is: 'read'; readonly content: unknown; readonly hasValue: boolean }
  | { readonly is: 'part'; readonly part: Part | undefined }
  | { readonly is: 'placed'; readonly positions: unknown }
  | { readonly is: 'failed'; readonly why: string };
