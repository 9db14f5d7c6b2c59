import { KeptBytes } from '../media/kept-bytes.ts';

/** An item larger than this is not judged: parsing it would hold up every other exchange. */
export const MAX_ITEM_BYTES = 256 * 1024;

const NOTHING = new Uint8Array(0);

/** Cuts bytes that come in chunks at every delimiter byte. At most one piece is kept, and never more than 256 KiB of it. */
export class Splitter {
  readonly #delimiter: number;
  readonly #onPiece: (piece: Uint8Array | 'too_large') => void;
  /** What came of a piece before its delimiter. */
  readonly #kept = new KeptBytes(MAX_ITEM_BYTES);
  #tooLarge = false;

  /** `onPiece`: the bytes are only good until it returns. */
  constructor(delimiter: number, onPiece: (piece: Uint8Array | 'too_large') => void) {
    this.#delimiter = delimiter;
    this.#onPiece = onPiece;
  }

  get heldBytes(): number {
    return this.#kept.heldBytes;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    for (let at = chunk.indexOf(this.#delimiter); at >= 0; at = chunk.indexOf(this.#delimiter, from)) {
      this.#cut(chunk.subarray(from, at));
      from = at + 1;
    }
    if (from < chunk.byteLength) this.#keep(chunk.subarray(from));
  }

  /** What stands behind the last delimiter is a piece, if it is not empty. */
  end(): void {
    if (this.#kept.byteLength > 0 || this.#tooLarge) this.#cut(NOTHING);
    this.#kept.letGo();
  }

  #cut(last: Uint8Array): void {
    let piece: Uint8Array | 'too_large' = last;
    if (this.#kept.byteLength > 0 || this.#tooLarge) {
      this.#keep(last);
      piece = this.#kept.bytes;
    }
    if (this.#tooLarge || piece.byteLength > MAX_ITEM_BYTES) piece = 'too_large';
    this.#tooLarge = false;
    this.#onPiece(piece);
    this.#kept.clear();
  }

  #keep(part: Uint8Array): void {
    if (this.#tooLarge || this.#kept.add(part)) return;
    this.#tooLarge = true;
    this.#kept.letGo();
  }
}
