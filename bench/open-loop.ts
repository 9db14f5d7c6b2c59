/**
 * Load at a steady rate, whatever the answers do: `node bench/open-loop.ts ORIGIN CASE PER-SECOND SECONDS`, prints a Load as JSON. A closed loop
 * (each connection asks when it has its answer) slows down with what it measures; callers of a service do not.
 */
import { connect, type Socket } from 'node:net';
import { CASES, type CaseName, ID } from './plan.ts';
import type { Load } from './wrk-output.ts';

const MAX_CONNECTIONS = 256;
const PATIENCE_MS = 5000;
const WARM_UP = 200;

/** One connection, one request at a time. */
class Caller {
  readonly #socket: Socket;
  readonly #free: Caller[];
  readonly #told: (status: number, ms: number) => void;
  #got = '';
  #sentAt = 0;
  busy = false;

  constructor(origin: URL, free: Caller[], told: (status: number, ms: number) => void) {
    this.#free = free;
    this.#told = told;
    this.#socket = connect({ host: origin.hostname, port: Number(origin.port), noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#onData(text));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      if (this.busy) told(0, 0);
    });
  }

  ask(bytes: string): void {
    this.busy = true;
    this.#got = '';
    this.#sentAt = performance.now();
    this.#socket.write(bytes, 'latin1');
  }

  #onData(text: string): void {
    this.#got += text;
    const head = this.#got.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.#got.slice(0, head))?.[1];
    const whole = length === undefined ? this.#got.endsWith('\r\n0\r\n\r\n') : this.#got.length >= head + 4 + Number(length);
    if (!whole) return;
    this.busy = false;
    this.#told(Number(this.#got.slice(9, 12)), performance.now() - this.#sentAt);
    this.#free.push(this);
  }

  end(): void {
    this.busy = false;
    this.#socket.destroy();
  }
}

/** `perSecond` requests, evenly; latencies from the writing of a request. One that finds no connection free among 256 is an error. */
export async function steadyLoad(origin: URL, request: string, perSecond: number, seconds: number): Promise<Load> {
  const callers: Caller[] = [];
  const free: Caller[] = [];
  const tookMs: number[] = [];
  let [asked, answered, errors, bad] = [0, 0, 0, 0];
  const told = (status: number, ms: number): void => {
    if (status === 0) errors += 1;
    else {
      answered += 1;
      if (answered > WARM_UP) tookMs.push(ms);
      if (status < 200 || status > 299) bad += 1;
    }
  };
  const total = perSecond * seconds + WARM_UP;
  const from = performance.now();
  await new Promise<void>((done) => {
    const step = (): void => {
      const due = Math.min(total, ((performance.now() - from) * perSecond) / 1000);
      while (asked < due) {
        let caller = free.pop();
        if (caller === undefined && callers.length < MAX_CONNECTIONS) {
          caller = new Caller(origin, free, told);
          callers.push(caller);
        }
        asked += 1;
        if (caller === undefined) errors += 1;
        else caller.ask(request.replace(ID, `o${from.toFixed(3)}_${asked}`));
      }
      if (asked >= total) done();
      else setTimeout(step, 1);
    };
    step();
  });
  for (let waited = 0; answered + errors < total && waited < PATIENCE_MS; waited += 20) await new Promise((r) => setTimeout(r, 20));
  for (const caller of callers) caller.end();
  errors += total - answered - errors;
  tookMs.sort((a, b) => a - b);
  const at = (q: number): number => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * q))] ?? Number.NaN;
  return { requests: answered, perSecond, p50Ms: at(0.5), p99Ms: at(0.99), socketErrors: errors, badAnswers: bad };
}

export function requestOf(name: CaseName, host: string): string {
  const { method, path, headers, body } = CASES[name];
  const fields = Object.entries(headers).map(([field, value]) => `${field}: ${value}\r\n`);
  const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${fields.join('')}${length}\r\n${body ?? ''}`;
}

if (import.meta.main) {
  const [origin = '', name = '', perSecond = '', seconds = ''] = process.argv.slice(2);
  const url = new URL(origin);
  process.stdout.write(JSON.stringify(await steadyLoad(url, requestOf(name as CaseName, url.host), Number(perSecond), Number(seconds))));
}
