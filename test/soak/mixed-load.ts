import { randomUUID } from 'node:crypto';
import { pass } from '../kit/timing.ts';
import { header, type RawResponse, readResponse } from '../kit/message.ts';
import type { RawConnection } from '../kit/connection.ts';
import { connectRaw } from '../kit/raw-client.ts';
import type { Chance } from './chance.ts';

/** Longer than a gateway may take for anything. */
const PATIENCE_MS = 15_000;
/** A machine that has no time for the rate must not be buried under it. */
const MAX_PENDING = 400;
const LOOK_MS = 5;

/** Of what was sent. */
export interface Tally {
  sent: number;
  answered: number;
  /** The connection ended without a whole answer. */
  broken: number;
  /** The client itself has left. */
  left: number;
  /** Neither within `PATIENCE_MS`: nobody accounts for it. */
  lost: number;
  readonly answers: Map<string, number>;
}

type Kind = 'get' | 'post' | 'keyed' | 'put' | 'leave' | 'stop';
const KINDS: ReadonlyArray<readonly [number, Kind]> = [
  [40, 'get'],
  [10, 'post'],
  [40, 'keyed'],
  [3, 'put'],
  [5, 'leave'],
  [2, 'stop'],
];
/** Of keyed requests: sent again under their key. */
const REPEATED = 0.4;

/** Requests at a steady rate over kept connections, of which some leave, stop in the middle or are repeated under their key. */
export class MixedLoad {
  readonly #ports: readonly number[];
  readonly #chance: Chance;
  readonly #idle = new Map<number, RawConnection[]>();
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined = undefined;
  readonly tally: Tally = { sent: 0, answered: 0, broken: 0, left: 0, lost: 0, answers: new Map() };
  /** Keys under which the upstream's own answer came: one execution there must be. */
  readonly answeredKeys = new Set<string>();

  /** Requests go to all ports in turn; those of one key may go to different ones. */
  constructor(ports: readonly number[], chance: Chance) {
    this.#ports = ports;
    this.#chance = chance;
  }

  start(perSecond: number): void {
    let at = performance.now();
    let due = 0;
    this.#timer = setInterval(() => {
      const now = performance.now();
      due += ((now - at) / 1000) * perSecond;
      at = now;
      for (; due >= 1; due -= 1) if (this.#pending.size < MAX_PENDING) this.#send();
    }, LOOK_MS);
  }

  /** So many at once. */
  burst(count: number): void {
    for (let i = 0; i < count; i++) if (this.#pending.size < MAX_PENDING) this.#send();
  }

  /** Sends no more; resolves when everything is accounted for. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    for (const some of this.#idle.values()) for (const c of some.splice(0)) c.destroy();
  }

  #send(): void {
    const kind = this.#chance.pick(KINDS);
    if (kind === 'keyed') this.#keyed();
    else this.#track(kind === 'leave' || kind === 'stop' ? this.#leaving(kind) : this.#ask(this.#request(kind)).then(() => undefined));
  }

  #track(one: Promise<void>): void {
    this.#pending.add(one);
    void one.finally(() => this.#pending.delete(one));
  }

  /** A caller that repeats what it is not sure of, and one that is impatient. */
  #keyed(): void {
    const key = randomUUID();
    const ask = async (): Promise<void> => {
      const answer = await this.#ask(this.#request('keyed', key));
      if (answer !== undefined && isUpstreams(answer)) this.answeredKeys.add(key);
    };
    this.#track(ask());
    const repeats = this.#chance.happens(REPEATED) ? 1 + this.#chance.below(3) : 0;
    for (let i = 0; i < repeats; i++) {
      const after = this.#chance.below(800);
      this.#track(pass(after).then(ask));
    }
  }

  #request(kind: Exclude<Kind, 'leave' | 'stop'>, key?: string): string {
    const path = `/${this.#chance.happens(0.8) ? 'a' : 'b'}/things`;
    if (kind === 'get') return `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const body = JSON.stringify({ name: 'x'.repeat(this.#chance.below(600)) });
    const fields = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n${key === undefined ? '' : `Idempotency-Key: ${key}\r\n`}`;
    const method = kind === 'put' ? 'PUT' : 'POST';
    // What is repeated must be the same.
    const target = key === undefined ? path : '/a/keyed';
    return `${method} ${target} HTTP/1.1\r\nHost: x\r\n${fields.replace(/\d+(?=\r\nIdem)/, '9')}\r\n${key === undefined ? body : '{"n":"y"}'}`;
  }

  /** The whole answer; undefined: there was none. */
  async #ask(text: string): Promise<RawResponse | undefined> {
    const { tally } = this;
    tally.sent += 1;
    const port = this.#ports[tally.sent % this.#ports.length] as number;
    let c: RawConnection | undefined;
    let late: NodeJS.Timeout | undefined;
    try {
      c = this.#take(port) ?? (await connectRaw(port));
      const connection = c;
      connection.write(text);
      const lost = new Promise<'lost'>((resolve) => {
        late = setTimeout(() => resolve('lost'), PATIENCE_MS);
      });
      const got = await Promise.race([readResponse(connection), lost]);
      if (got === 'lost') {
        tally.lost += 1;
        connection.destroy();
        return undefined;
      }
      tally.answered += 1;
      const what = `${got.status} ${codeOf(got)}`.trim();
      tally.answers.set(what, (tally.answers.get(what) ?? 0) + 1);
      if (header(got.headers, 'connection')?.toLowerCase() === 'close') connection.destroy();
      else this.#idle.get(port)?.push(connection);
      return got;
    } catch {
      tally.broken += 1;
      c?.destroy();
      return undefined;
    } finally {
      clearTimeout(late);
    }
  }

  /** Leaves while it waits, or in the middle of its upload. */
  async #leaving(kind: 'leave' | 'stop'): Promise<void> {
    const { tally } = this;
    tally.sent += 1;
    try {
      const c = await connectRaw(this.#ports[tally.sent % this.#ports.length] as number);
      const text = this.#request('post');
      c.write(kind === 'leave' ? text : text.slice(0, -2));
      await pass(this.#chance.below(120));
      if (this.#chance.happens(0.5)) c.end();
      else c.reset();
      await c.closed;
      tally.left += 1;
    } catch {
      tally.broken += 1;
    }
  }

  #take(port: number): RawConnection | undefined {
    const some = this.#idle.get(port) ?? [];
    this.#idle.set(port, some);
    for (let c = some.pop(); c !== undefined; c = some.pop()) {
      if (!c.ended && c.unreadBytes === 0) return c;
      c.destroy();
    }
    return undefined;
  }
}

function codeOf({ headers, body }: RawResponse): string {
  if (header(headers, 'x-plumbline-fallback') !== undefined) return 'fallback';
  if (header(headers, 'content-type') !== 'application/problem+json') {
    return header(headers, 'idempotent-replayed') === 'true' ? 'replayed' : '';
  }
  return (JSON.parse(body.toString()) as { readonly code: string }).code;
}

function isUpstreams(answer: RawResponse): boolean {
  const code = codeOf(answer);
  return code === '' || code === 'replayed';
}
