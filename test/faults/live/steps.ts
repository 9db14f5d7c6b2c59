/** What one end of a connection does, step by step: data, so that a fault can be written down, shown in a table and played. */
import type { Socket } from 'node:net';
import { pass } from '../../kit/timing.ts';
import type { PlayedConnection } from '../played-connection.ts';
import { readRequest } from '../strict-request.ts';

export type Step =
  /** Upstream: waits until a whole request has come. */
  | readonly ['request']
  /** Upstream: waits for a whole request and answers it as it should be. */
  | readonly ['serve']
  /** Upstream: the answer to the last request, as it should be. */
  | readonly ['answer']
  /** Waits until this text has come, behind what earlier steps waited for. */
  | readonly ['hear', string]
  /** Writes, and goes on when the gateway has read it. */
  | readonly ['send', string]
  /** Writes byte by byte; the gateway has read each before the next is sent. */
  | readonly ['dribble', string]
  /** Milliseconds in which nothing is done: a fault of time. */
  | readonly ['pass', number]
  /** Ends its side, or resets the connection. */
  | readonly ['end', 'FIN' | 'RST']
  /** Reads nothing until `resume`. */
  | readonly ['stop']
  | readonly ['resume']
  /** For the other side's `await`. */
  | readonly ['tell', string]
  | readonly ['await', string]
  /** Upstream: does nothing more on this connection, ever. */
  | readonly ['silence'];

/** Longer than anything that is right: only what fails waits so long. */
const PATIENCE_MS = 8000;

/** Knows when the gateway has read what was sent to it. */
export interface Reading {
  haveRead(socket: Socket, bytes: number): Promise<void>;
}

/** What the two sides tell each other, outside of the connections. */
export class Signals {
  readonly #told = new Map<string, PromiseWithResolvers<void>>();

  tell(name: string): void {
    this.#of(name).resolve();
  }

  /** @throws when nobody tells. */
  async awaited(name: string): Promise<void> {
    const late = Symbol('late');
    const timer = new AbortController();
    const told = await Promise.race([this.#of(name).promise, delayed(PATIENCE_MS, timer.signal).then(() => late)]);
    timer.abort();
    if (told === late) throw new Error(`nobody told ${name}`);
  }

  #of(name: string): PromiseWithResolvers<void> {
    let one = this.#told.get(name);
    if (one === undefined) {
      one = Promise.withResolvers();
      this.#told.set(name, one);
    }
    return one;
  }
}

function delayed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** One end that plays its steps. `from`: bytes of what came that earlier steps have dealt with. */
export class Player {
  readonly connection: PlayedConnection;
  readonly #sockets: Reading;
  readonly #signals: Signals;
  /** The answer to a request, where all is well. */
  readonly #answer: (target: string) => string;
  from = 0;
  /** Of the last request. */
  #target = '';

  constructor(connection: PlayedConnection, sockets: Reading, signals: Signals, answer: (target: string) => string) {
    this.connection = connection;
    this.#sockets = sockets;
    this.#signals = signals;
    this.#answer = answer;
  }

  /** False: the other end has gone before the steps were through, or has said what is no HTTP. */
  async play(steps: readonly Step[]): Promise<boolean> {
    for (const step of steps) if (!(await this.#step(step))) return false;
    return true;
  }

  /** Waits for a whole request, and goes behind it. Undefined: none will come. */
  async request(): Promise<string | undefined> {
    let read: ReturnType<typeof readRequest>;
    const { connection } = this;
    const here = (): boolean => {
      read = readRequest(connection.received, this.from);
      return read !== undefined;
    };
    while (!connection.ended && !(await connection.until(here, PATIENCE_MS)));
    if (read === undefined || typeof read === 'string') return undefined;
    this.from += read.length;
    this.#target = read.target;
    return read.target;
  }

  async #step(step: Step): Promise<boolean> {
    const { connection } = this;
    switch (step[0]) {
      case 'request':
        return (await this.request()) !== undefined;
      case 'serve':
        return (await this.request()) !== undefined && this.#step(['answer']);
      case 'answer':
        await this.#write(this.#answer(this.#target));
        return true;
      case 'hear': {
        const here = (): boolean => connection.received.indexOf(step[1], this.from, 'latin1') >= 0;
        if (!(await connection.until(here, PATIENCE_MS))) return false;
        this.from = connection.received.indexOf(step[1], this.from, 'latin1') + step[1].length;
        return true;
      }
      case 'send':
        await this.#write(step[1]);
        return true;
      case 'dribble':
        for (const byte of step[1]) await this.#write(byte);
        return true;
      case 'pass':
        await pass(step[1]);
        return true;
      case 'end':
        if (step[1] === 'FIN') connection.socket.end();
        else connection.socket.resetAndDestroy();
        return true;
      case 'stop':
        connection.socket.pause();
        return true;
      case 'resume':
        connection.socket.resume();
        return true;
      case 'tell':
        this.#signals.tell(step[1]);
        return true;
      case 'await':
        await this.#signals.awaited(step[1]);
        return true;
      case 'silence':
        return false;
    }
  }

  async #write(text: string): Promise<void> {
    this.connection.write(Buffer.from(text, 'latin1'));
    await this.#sockets.haveRead(this.connection.socket, this.connection.socket.bytesWritten);
  }
}
