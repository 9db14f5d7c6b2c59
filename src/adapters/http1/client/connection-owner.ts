import type { Timers } from '../../../core/ports.ts';
import type { Rejection } from '../../../core/rejection.ts';
import type { Connection } from './connection.ts';

/** Whose connections they are. */
export interface ConnectionOwner {
  onConnected(connection: Connection): void;
  onConnectFailed(connection: Connection, why: Rejection): void;
  /** Answered, and good for another request within `keptMs`. */
  onFree(connection: Connection, keptMs: number): void;
  /** A kept connection ended under its request, before the head of an answer; told after `onGone`, and before the call hears of it. */
  onStale(): void;
  /** Connected once, and of no use any more: closing, or it speaks another protocol. */
  onGone(connection: Connection): void;
  /** Nothing of its socket is left, or it belongs to somebody else. */
  onClosed(connection: Connection): void;
}

export interface ConnectionDeps {
  monotonicMs(): number;
  readonly timers: Timers;
}
