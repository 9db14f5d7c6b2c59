import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { UPSTREAM_FAULTS } from '../faults/live/catalogue.ts';
import { type Reading, Player, Signals, type Step } from '../faults/live/steps.ts';
import { okAnswer } from '../faults/live/upstream.ts';
import { PlayedConnection } from '../faults/played-connection.ts';
import { readRequest } from '../faults/strict-request.ts';
import { values } from '../faults/strict-head.ts';
import type { Chance } from './chance.ts';

/** Of connections, and of requests on those that are not faulty as such. */
const FAULTY_CONNECTIONS = 0.3;
const CLOSING = 0.08;
/** A black hole must not hold its connection for longer than a gateway would wait. */
const HOLE_MS = 3000;

/** What an upstream does with a request of a connection that is not faulty as such. */
type Mood = 'fine' | 'slow' | 'no' | 'resets' | 'breaks' | 'silent';
const MOODS: ReadonlyArray<readonly [number, Mood]> = [
  [89, 'fine'],
  [7, 'slow'],
  [1.6, 'no'],
  [1, 'resets'],
  [1, 'breaks'],
  [0.4, 'silent'],
];

const DOWN: ReadonlyArray<readonly [number, Mood]> = [
  [2, 'no'],
  [1, 'resets'],
];

/** What the fault suite plays, as far as it needs no client that plays along. */
const SCRIPTS: ReadonlyArray<readonly Step[]> = UPSTREAM_FAULTS.flatMap(({ faults }) =>
  faults.filter(({ to, upstream }) => to === undefined && !upstream.some(([what]) => what === 'await')).map(({ upstream }) => upstream),
);
/** The gateway is another process: nobody sees it read. A turn of the loop sends what was written by itself. */
const UNSEEN: Reading = { haveRead: () => new Promise((resolve) => setImmediate(resolve)) };

/** An upstream that fails by chance, and counts how often each keyed request came whole. */
export class FaultyUpstream {
  readonly #chance: Chance;
  readonly #http = createHttpServer({ keepAliveTimeout: 60_000 }, (req, res) => void this.#serve(req, res));
  readonly #server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  readonly #sockets = new Set<Socket>();
  /** By idempotency key: how often a request with it has come whole. */
  readonly executions = new Map<string, number>();
  /** Every answer is no, or none. */
  isDown = false;
  /** Faults so far. */
  faults = 0;
  requests = 0;
  #run = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#http.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    if (!this.#chance.happens(FAULTY_CONNECTIONS)) return void this.#http.emit('connection', socket);
    this.faults += 1;
    void this.#play(new PlayedConnection(socket), SCRIPTS[this.#chance.below(SCRIPTS.length)] as readonly Step[]);
  }

  async #play(connection: PlayedConnection, steps: readonly Step[]): Promise<void> {
    let from = 0;
    // Counted as it comes: what the script makes of it is another matter.
    connection.socket.on('data', () => {
      for (;;) {
        const read = readRequest(connection.received, from);
        if (read === undefined || typeof read === 'string') return;
        from += read.length;
        this.#came(values(read.fields, 'idempotency-key')[0]);
      }
    });
    const hole = setTimeout(() => connection.socket.destroy(), HOLE_MS);
    const player = new Player(connection, UNSEEN, new Signals(), () => this.#fine());
    await player.play(steps).catch(() => false);
    if (steps.at(-1)?.[0] !== 'silence') connection.socket.end();
    connection.socket.once('close', () => clearTimeout(hole));
    if (connection.socket.destroyed) clearTimeout(hole);
  }

  #came(key: string | undefined): void {
    this.requests += 1;
    if (key !== undefined) this.executions.set(key, (this.executions.get(key) ?? 0) + 1);
  }

  #fine(): string {
    this.#run += 1;
    return okAnswer(`{"run":${this.#run}}`);
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      for await (const _chunk of req); // to its end, or it throws
    } catch {
      return;
    }
    this.#came(req.headers['idempotency-key'] as string | undefined);
    const { socket } = req;
    const mood = this.isDown ? this.#chance.pick(DOWN) : this.#chance.pick(MOODS);
    if (mood !== 'fine') this.faults += 1;
    if (mood === 'slow') await new Promise((resolve) => setTimeout(resolve, 5 + this.#chance.below(60)));
    if (mood === 'resets') socket.resetAndDestroy();
    else if (mood === 'silent') setTimeout(() => socket.destroy(), HOLE_MS).unref();
    else if (mood === 'breaks') {
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '99' });
      res.write('{"run":1,', () => socket.destroy());
    } else {
      this.#run += 1;
      const body = `{"run":${this.#run}}`;
      if (this.#chance.happens(CLOSING)) res.setHeader('Connection', 'close');
      res.writeHead(mood === 'no' ? 503 : 200, { 'Content-Type': 'application/json', 'Content-Length': String(body.length) });
      res.end(body);
    }
  }
}
