/** What a protocol makes of one file, as plain data. `value` is what it parses to, if it can be parsed. */
export interface ReadFile {
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

/** Places that people are to be shown. */
export interface PlacedWanted {
  readonly syntax: string;
  readonly pointers: readonly string[];
}

/** From 1, in UTF-16 code units; 0: no place. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** What is done with a file's bytes. Pure; for large files it takes long. */
export interface FileReading {
  read(uri: string, bytes: Uint8Array): ReadFile;
  place(bytes: Uint8Array, wanted: PlacedWanted): readonly Position[];
}

/**
 * Does the same away from the event loop. What it gives of a file is equal to what `FileReading` gives, and comes over in pieces. Rejects with an
 * Error whose message can be shown where the file takes too much memory or time.
 */
export interface DocumentReader {
  read(uri: string, bytes: Uint8Array): Promise<ReadFile>;
  place(bytes: Uint8Array, wanted: PlacedWanted): Promise<readonly Position[]>;
}
