/** A gateway of one configuration between a scripted upstream and scripted clients, and the look at what is left of them afterwards. */
import { type AddressInfo, createServer } from 'node:net';
import { vi } from 'vitest';
import { TimerWheel } from '../../../src/adapters/system-clock/timer-wheel.ts';
import { startFullListener } from '../../kit/full-listener.ts';
import type { AccessLine } from '../../kit/access-lines.ts';
import { startTestGateway, type TestGateway } from '../../kit/gateway.ts';
import { openSockets } from '../../kit/sockets.ts';
import { until } from '../../kit/until.ts';
import { GatewaySockets } from '../gateway-sockets.ts';
import { PlayedConnection } from '../played-connection.ts';
import { readAnswer, type StrictAnswer } from '../strict-answer.ts';
import { Player, Signals, type Step } from './steps.ts';
import { okAnswer, type Script, ScriptedUpstream } from './upstream.ts';

/** Longer than anything that is right. */
const ANSWER_MS = 8000;
/** Gauges that must be 0 when nothing is asked any more. */
const OPEN = ['requests_in_flight', 'downstream_connections', 'buffered_bytes', 'concurrency_in_use', 'upstream_waiting'] as const;
/** The route under test, and one without any policy beside it. */
export const UNDER_TEST = '/f/';
const WELL = '/well';

export interface WorldOptions {
  /** Policies of the route under test, as in `plumbline.yaml`. */
  readonly policies: object;
  readonly script: Script;
  /** Where the route leads. `refusing`: nobody listens. `full`: connections are not taken. */
  readonly to?: 'scripted' | 'refusing' | 'full';
  readonly openapi?: object | undefined;
}

/** What a client has got. */
export interface Heard {
  readonly answers: readonly StrictAnswer[];
  /** What came that is no answer, or behind the last that was expected. */
  readonly junk: string | undefined;
}

export interface Remains {
  /** In words. */
  readonly wrong: readonly string[];
  /** Of the route under test, in the order in which exchanges ended. */
  readonly lines: readonly AccessLine[];
}

export class World {
  readonly gateway: TestGateway;
  readonly upstream: ScriptedUpstream;
  readonly signals: Signals;
  readonly #sockets: GatewaySockets;
  readonly #clients: PlayedConnection[] = [];
  readonly #close: () => Promise<void>;
  readonly #wheel: () => TimerWheel | undefined;
  readonly #timersBefore: number;

  /** What `play` makes of it; the world is taken down whatever comes of that, and nothing may be left of it. */
  static async with<T>(options: WorldOptions, play: (world: World) => Promise<T>): Promise<T> {
    const before = openSockets();
    const world = await World.#start(options);
    let made: T;
    try {
      made = await play(world);
    } finally {
      await world.#close();
    }
    await until(() => openSockets() <= before, 'no socket to be left open');
    return made;
  }

  static async #start(options: WorldOptions): Promise<World> {
    const sockets = new GatewaySockets();
    const signals = new Signals();
    const upstream = new ScriptedUpstream(options.script, sockets, signals);
    const port = await upstream.listen();
    const other = await elsewhere(options.to);
    const after = vi.spyOn(TimerWheel.prototype, 'after');
    const close = async (): Promise<void> => {
      after.mockRestore();
      await upstream.close();
      await other?.close();
      sockets[Symbol.dispose]();
    };
    try {
      const gateway = await startTestGateway({
        upstream: port,
        ...(options.openapi !== undefined && { openapi: options.openapi }),
        sections: { routes: routesOf(options, port, other?.port) },
      });
      return new World(gateway, upstream, signals, sockets, () => after.mock.contexts[0] as TimerWheel | undefined, close);
    } catch (error) {
      await close();
      throw error;
    }
  }

  private constructor(
    gateway: TestGateway,
    upstream: ScriptedUpstream,
    signals: Signals,
    sockets: GatewaySockets,
    wheel: () => TimerWheel | undefined,
    close: () => Promise<void>,
  ) {
    this.gateway = gateway;
    this.upstream = upstream;
    this.signals = signals;
    this.#sockets = sockets;
    this.#wheel = wheel;
    this.#timersBefore = wheel()?.size ?? 0;
    this.#close = async () => {
      for (const { socket } of this.#clients) socket.destroy();
      await gateway[Symbol.asyncDispose]();
      await close();
    };
  }

  /** A client that plays its steps. @throws where the gateway ends the connection before they are through. */
  async client(steps: readonly Step[]): Promise<PlayedConnection> {
    const connection = await PlayedConnection.to(this.gateway.port);
    this.#clients.push(connection);
    await this.play(connection, steps);
    return connection;
  }

  /** Further steps of a client. */
  async play(connection: PlayedConnection, steps: readonly Step[]): Promise<void> {
    const player = new Player(connection, this.#sockets, this.signals, okAnswer);
    if (!(await player.play(steps)) && steps.at(-1)?.[0] !== 'silence')
      throw new Error(`the client was not let through its steps; it got ${JSON.stringify(connection.received.toString('latin1', 0, 600))}`);
  }

  /** Waits for so many final answers, or for the connection's end. */
  async hear(connection: PlayedConnection, count: number, method = 'GET'): Promise<Heard> {
    let heard = readAnswers(connection, count, method);
    await connection.until(() => {
      heard = readAnswers(connection, count, method);
      return connection.ended || heard.junk !== undefined || heard.answers.length === count;
    }, ANSWER_MS);
    return heard;
  }

  /** One request on a connection of its own, and its whole answer. */
  async ask(request: string): Promise<StrictAnswer> {
    const connection = await this.client([['send', request]]);
    const { answers, junk } = await this.hear(connection, 1, request.slice(0, request.indexOf(' ')));
    connection.socket.destroy();
    const [answer] = answers;
    if (answer === undefined || junk !== undefined) throw new Error(`no answer to ${JSON.stringify(request.slice(0, 60))}: ${junk ?? ''}`);
    return answer;
  }

  /** Waits until no exchange is in flight. */
  idle(): Promise<void> {
    return this.gateway.idle();
  }

  /** Sum over all series of a metric, by its name without the prefix. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    return (await this.gateway.metrics()).value(`plumbline_${name}`, labels);
  }

  /**
   * What no fault may leave behind. All is made well first: the clients are gone, the upstream serves; a route beside the one under test must
   * get its own answer from it. Then the gateway is drained. `requests`: exchanges that there were.
   */
  async remains(requests: number): Promise<Remains> {
    for (const { socket } of this.#clients) socket.destroy();
    await this.upstream.heal();
    const wrong: string[] = [];
    const body = (await this.ask(`GET ${WELL} HTTP/1.1\r\nHost: x\r\n\r\n`)).body.toString();
    if (!body.includes(`"target":"${WELL}"`)) wrong.push(`the next request got ${JSON.stringify(body.slice(0, 100))}`);
    const metrics = await until(async () => {
      const now = await this.gateway.metrics();
      return OPEN.every((name) => now.value(`plumbline_${name}`) === 0) && now;
    }, `${OPEN} to be 0`).catch(() => this.gateway.metrics());
    const value = (name: string, labels?: Readonly<Record<string, string>>): number => metrics.value(`plumbline_${name}`, labels);
    for (const name of OPEN) if (value(name) !== 0) wrong.push(`${name} is ${value(name)} when nothing is asked`);
    if (value('upstream_connections', { state: 'busy' }) !== 0) wrong.push('a connection to the upstream is busy when nothing is asked');
    if (value('internal_errors_total') !== 0) wrong.push('the gateway met a fault of its own');
    const count = (what: string, is: number, wanted: number): void => {
      if (is !== wanted) wrong.push(`${what} is ${is}, not ${wanted}`);
    };
    count('requests_total', value('requests_total'), requests + 1);
    wrong.push(...this.upstream.requests().strange);
    const left = (): number => (this.#wheel()?.size ?? 0) - this.#timersBefore;
    // One tells of the kept connection of the request just made, one of that connection's client.
    await until(() => left() <= KEPT_TIMERS, 'no timer', 1000).catch(() => wrong.push(`${left()} timers are left`));
    await this.gateway.drain();
    const lines = this.gateway.log.all();
    count('the number of lines in the log', lines.length, requests + 1);
    const attempts = lines.map((line) => line.attempts);
    count('upstream_attempts_total', value('upstream_attempts_total'), sum(attempts));
    count('retries_total', value('retries_total'), sum(attempts.map((tries) => Math.max(0, tries - 1))));
    return { wrong, lines: lines.filter(({ path }) => path.startsWith(UNDER_TEST)) };
  }
}

const KEPT_TIMERS = 2;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function readAnswers(connection: PlayedConnection, count: number, method: string): Heard {
  const bytes = connection.received;
  const answers: StrictAnswer[] = [];
  let at = 0;
  while (answers.length < count) {
    const answer = readAnswer(bytes, at, method, connection);
    if (typeof answer === 'string') return { answers, junk: answer };
    if (answer === undefined) return { answers, junk: undefined };
    answers.push(answer);
    at += answer.length;
  }
  return { answers, junk: at < bytes.length ? JSON.stringify(bytes.toString('latin1', at, at + 200)) : undefined };
}

function routesOf({ policies, openapi }: WorldOptions, port: number, otherPort = port): object[] {
  const route = (name: string, path: string, to: number): object => ({
    name,
    listener: 'main',
    match: { path },
    upstream: { url: `http://127.0.0.1:${to}` },
  });
  return [
    { ...route('tested', UNDER_TEST.slice(0, -1), otherPort), ...(openapi !== undefined && { contract: 'api' }), policies },
    route('well', WELL, port),
  ];
}

interface Elsewhere {
  readonly port: number;
  close(): Promise<unknown>;
}

async function elsewhere(to: WorldOptions['to'] = 'scripted'): Promise<Elsewhere | undefined> {
  if (to === 'scripted') return undefined;
  if (to === 'full') {
    const full = await startFullListener();
    return { port: full.port, close: () => full[Symbol.asyncDispose]() };
  }
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return { port, close: () => Promise.resolve() };
}
