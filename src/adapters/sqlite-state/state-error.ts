/** Why `state.dir` cannot be used, for the person who starts the gateway. `message` names the place. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENOSPC: 'no space left',
};

export function unusable(place: string, error: unknown): StateError {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  const reason = REASONS[code ?? ''];
  return new StateError(`cannot keep state in ${JSON.stringify(place)}: ${reason === undefined ? message : `${reason} (${code})`}`);
}

/** SQLite's primary result codes (https://www.sqlite.org/rescode.html) as far as they are told apart here. */
const CODES: Readonly<Record<number, SqliteFault>> = { 5: 'in-use', 6: 'in-use', 11: 'damaged', 26: 'damaged' };

export type SqliteFault = 'in-use' | 'damaged' | 'other';

/** Undefined: it is no error of SQLite's. */
export function sqliteFault(error: unknown): SqliteFault | undefined {
  const { code, errcode } = error as { readonly code?: string; readonly errcode?: number };
  // The extended codes have the primary one in their lowest byte.
  return code === 'ERR_SQLITE_ERROR' && errcode !== undefined ? (CODES[errcode & 0xff] ?? 'other') : undefined;
}

/** As SQLite says it itself. */
export function damage(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode: 11 });
}
