import { chmodSync, closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Writes a file beside the old one and puts it in its place: nobody ever sees half of it. Undefined, or why it could not be done. */
export function replaceFile(path: string, text: string): string | undefined {
  let beside: string | undefined;
  try {
    // Through a link, as an editor would.
    const real = realpathSync(path);
    beside = join(dirname(real), `.${basename(real)}.plumbline-${process.pid}`);
    const file = openSync(beside, 'wx');
    try {
      writeAll(file, Buffer.from(text));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(beside, statSync(real).mode);
    renameSync(beside, real);
    return undefined;
  } catch (error) {
    if (beside !== undefined) rmSync(beside, { force: true });
    const { code, message } = error as { readonly code?: string; readonly message?: string };
    return `cannot be written: ${code ?? message ?? String(error)}`;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
