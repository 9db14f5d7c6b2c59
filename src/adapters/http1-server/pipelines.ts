import type { Socket } from 'node:net';

/** Requests of one connection in hand at a time before it is read no further. A client can put thousands into one packet, and each costs an exchange. */
const MAX_UNANSWERED = 64;

const UNANSWERED = Symbol('unanswered requests');

/** `_paused` is how node:http itself stops a pipeline whose answers pile up; its own drain may start it again, the next request stops it. */
interface Counted {
  [UNANSWERED]?: number;
  _paused?: boolean;
  readonly parser?: { resume(): void } | null;
}

/** A request was taken in. What has been read by then is still parsed: at most one read of the socket, 64 KiB. */
export function pipelineBegan(socket: Socket): void {
  const counted = socket as Counted;
  const count = (counted[UNANSWERED] ?? 0) + 1;
  counted[UNANSWERED] = count;
  if (count < MAX_UNANSWERED || counted._paused === true) return;
  counted._paused = true;
  socket.pause();
}

/** An answer has wholly left. */
export function pipelineAnswered(socket: Socket): void {
  const counted = socket as Counted;
  const count = (counted[UNANSWERED] ?? 1) - 1;
  counted[UNANSWERED] = count;
  if (counted._paused !== true || count >= MAX_UNANSWERED) return;
  counted._paused = false;
  counted.parser?.resume();
  socket.resume();
}
