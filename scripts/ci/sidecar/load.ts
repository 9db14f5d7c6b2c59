import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type Socket, connect } from 'node:net';
import type { Address } from '../kubelet/service.ts';

/** One request that was not answered as it should be. */
export interface Loss {
  readonly atMs: number;
  readonly what: string;
  /** The pod that its connection went to. */
  readonly pod: string;
  readonly reused: boolean;
}

export interface LoadResult {
  readonly sent: number;
  /** Answered 2xx, with the answer to that very request. */
  readonly good: number;
  readonly losses: readonly Loss[];
  /** IDs of the POSTs that were sent. */
  readonly made: readonly string[];
  /** The farthest that a request left behind its time: how open the loop was. */
  readonly latestMs: number;
  readonly connections: number;
}

/** How often the clock is looked at. */
const TICK_MS = 2;
const PATIENCE_MS = 15_000;

/**
 * Requests at a steady rate whatever the answers do, on kept connections, each of which goes where `pick` says at its beginning. Of ten, seven are a GET, two a
 * POST, one a GET that takes its time. Nothing is ever sent twice: what a client would have to repeat is a loss.
 */
export class Load {
  readonly #pick: () => Address;
  // Half of the clients use the connection last used, half the one that was used longest ago: some of theirs are idle for long, all are always in use.
  readonly #agents: readonly Agent[];
  readonly #losses: Loss[] = [];
  readonly #made: string[] = [];
  readonly #pods = new WeakMap<Socket, string>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #sent = 0;
  #open = 0;
  #good = 0;
  #latestMs = 0;
  #connections = 0;

  constructor(pick: () => Address) {
    this.#pick = pick;
    this.#agents = (['lifo', 'fifo'] as const).map((scheduling) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 128, scheduling });
      agent.createConnection = () => this.#connect();
      return agent;
    });
  }

  start(perSecond: number): void {
    const from = performance.now();
    this.#timer = setInterval(() => {
      const passedMs = performance.now() - from;
      const due = Math.floor((passedMs * perSecond) / 1000);
      this.#latestMs = Math.max(this.#latestMs, passedMs - (this.#sent * 1000) / perSecond);
      while (this.#sent < due) this.#ask(this.#sent++);
    }, TICK_MS);
  }

  get sent(): number {
    return this.#sent;
  }

  /** No new requests; waits for the answers that are owed. */
  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (this.#open > 0 && performance.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const agent of this.#agents) agent.destroy();
    return {
      sent: this.#sent,
      good: this.#good,
      losses: this.#losses,
      made: this.#made,
      latestMs: Math.round(this.#latestMs),
      connections: this.#connections,
    };
  }

  #connect(): Socket {
    const { host, port, pod } = this.#pick();
    const socket = connect({ host, port, noDelay: true });
    this.#connections += 1;
    this.#pods.set(socket, pod);
    return socket;
  }

  #ask(serial: number): void {
    const id = `n${serial}`;
    const kind = serial % 10;
    const isPost = kind === 3 || kind === 7;
    const body = isPost ? JSON.stringify({ id, total: 12.5 }) : '';
    const path = isPost ? '/v1/orders' : kind === 5 ? `/v1/orders/${id}?ms=${100 + (serial % 900)}` : `/v1/orders/${id}`;
    const headers = isPost ? { 'Content-Type': 'application/json', 'Content-Length': body.length } : {};
    const agent = this.#agents[serial % this.#agents.length] as Agent;
    if (isPost) this.#made.push(id);
    this.#open += 1;
    let isOver = false;
    const over = (what: string | undefined): void => {
      if (!isOver) this.#over(asked, what);
      isOver = true;
    };
    const asked = request({ agent, host: 'orders', port: 80, method: isPost ? 'POST' : 'GET', path, headers }, (response) => {
      this.#read(response, (text, whole) => {
        const good = whole && response.statusCode === (isPost ? 201 : 200) && text.includes(`"${id}"`);
        over(good ? undefined : `${response.statusCode} ${whole ? '' : 'cut '}${text.slice(0, 200)}`);
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => over(`${error.code ?? ''} ${error.message}`));
    asked.end(body);
  }

  #read(response: IncomingMessage, then: (text: string, whole: boolean) => void): void {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('close', () => then(text, response.complete));
    response.on('error', () => undefined); // `close` follows, and it is not complete
  }

  #over(asked: ClientRequest, what: string | undefined): void {
    this.#open -= 1;
    if (what === undefined) this.#good += 1;
    else {
      const pod = (asked.socket && this.#pods.get(asked.socket)) ?? '';
      this.#losses.push({ atMs: performance.now(), what, pod, reused: asked.reusedSocket });
    }
  }
}
