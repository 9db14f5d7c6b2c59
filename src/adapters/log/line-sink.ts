import { type Stats, close, constants, fstatSync, openSync, write } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Where lines go, and nothing more: one piece at a time, never blocking the event loop where the system can avoid it. */
export interface LineSink {
  /** Calls back once, with how many bytes went out and, where not all did, why. */
  write(piece: Buffer, done: (written: number, error: Error | undefined) => void): void;
  close(): void;
}

/** A destination that cannot be opened. `message` names it and says why. */
export class DestinationError extends Error {
  override readonly name = 'DestinationError';
  readonly destination: string;
  readonly code: string;

  constructor(destination: string, code: string) {
    super(`cannot write to ${JSON.stringify(destination)}: ${REASONS[code] ?? 'it cannot be opened'} (${code})`);
    this.destination = destination;
    this.code = code;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'the directory does not exist',
  ENOTDIR: 'part of the path is not a directory',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a directory',
  ENXIO: 'it is a pipe that nobody reads, or a socket',
  ENOSPC: 'no space left',
};

/** One of the process's own streams. Pipes and sockets go through the stream, which waits for the reader in the event loop. */
export function openStandard(which: 'stdout' | 'stderr'): LineSink {
  const fd = which === 'stdout' ? 1 : 2;
  let stats: Stats;
  try {
    stats = fstatSync(fd);
  } catch {
    // Closed by the parent: nothing to write to, nothing to complain about to anybody.
    return CLOSED;
  }
  // `process.stdout` must be asked for: it sets the pipe to non-blocking. A write that blocks in the thread pool keeps the process from exiting.
  return isPipe(stats) ? streamSink(which === 'stdout' ? process.stdout : process.stderr, KEEP_OPEN) : fileSink(fd, KEEP_OPEN);
}

/** Appends to a file, which is made where there is none. Throws DestinationError. */
export function openPath(path: string): LineSink {
  let fd: number;
  let stats: Stats;
  try {
    // Non-blocking: opening a named pipe would otherwise wait for its reader, and the whole process with it.
    fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o640);
    stats = fstatSync(fd);
  } catch (error) {
    throw new DestinationError(path, (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN');
  }
  if (!isPipe(stats)) return fileSink(fd, () => close(fd));
  const socket = new Socket({ fd, readable: false, writable: true });
  return streamSink(socket, () => socket.destroy());
}

const KEEP_OPEN = (): void => undefined;

const CLOSED: LineSink = { write: (_, done) => done(0, new Error('the stream is closed')), close: KEEP_OPEN };

function isPipe(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket();
}

function fileSink(fd: number, end: () => void): LineSink {
  const writeFrom = (piece: Buffer, from: number, done: (written: number, error: Error | undefined) => void): void => {
    write(fd, piece, from, piece.length - from, null, (error, written) => {
      if (error !== null) done(from, error);
      else if (from + written < piece.length && written > 0) writeFrom(piece, from + written, done);
      else done(from + written, undefined);
    });
  };
  return { write: (piece, done) => writeFrom(piece, 0, done), close: end };
}

function streamSink(stream: Writable, end: () => void): LineSink {
  // The callback of `write` tells of the same error; without a listener it would end the process (EPIPE). One is enough for all who write.
  if (!stream.listeners('error').includes(KEEP_OPEN)) stream.on('error', KEEP_OPEN);
  return {
    write(piece, done) {
      stream.write(piece, (error) => done(error ? 0 : piece.length, error ?? undefined));
    },
    close: end,
  };
}
