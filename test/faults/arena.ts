import type { TestGateway } from '../kit/gateway.ts';
import { startTestGateway } from '../kit/gateway.ts';
import type { Config } from './corpus.ts';
import type { ExpectedAnswer } from './expectation.ts';
import type { GatewaySockets } from './gateway-sockets.ts';
import { PlayedConnection } from './played-connection.ts';
import { PROBE, Recorder, echoOf } from './recorder.ts';
import { readAnswer, type StrictAnswer } from './strict-answer.ts';
import type { Ending } from './strict-answer.ts';

/** Longer than anything that is right; only a case that fails waits so long. */
const ANSWER_MS = 5000;

export interface Heard {
  readonly answers: readonly StrictAnswer[];
  /** What came that is no answer, or behind the last that was expected. */
  readonly junk: string | undefined;
}

/** One gateway of one configuration, the recorder behind it, and the sight of its sockets. */
export class Arena {
  readonly gateway: TestGateway;
  readonly recorder: Recorder;
  readonly sockets: GatewaySockets;
  #probes = 0;

  static async start(config: Config, sockets: GatewaySockets): Promise<Arena> {
    const recorder = new Recorder();
    const upstream = await recorder.listen();
    try {
      return new Arena(await startTestGateway({ ...config, upstream }), recorder, sockets);
    } catch (error) {
      await recorder.close();
      throw error;
    }
  }

  private constructor(gateway: TestGateway, recorder: Recorder, sockets: GatewaySockets) {
    this.gateway = gateway;
    this.recorder = recorder;
    this.sockets = sockets;
  }

  async close(): Promise<void> {
    await this.gateway[Symbol.asyncDispose]();
    await this.recorder.close();
  }

  connect(count: number): Promise<PlayedConnection[]> {
    return Promise.all(Array.from({ length: count }, () => PlayedConnection.to(this.gateway.port)));
  }

  /** Writes what comes before each one's cut, waits until all is read, and writes the rest. `cuts[i]` of 0: all in one piece. */
  async writeInTwo(to: readonly PlayedConnection[], bytes: Buffer, cuts: readonly number[]): Promise<void> {
    for (const half of ['first', 'second'] as const) {
      to.forEach((connection, i) => {
        const cut = cuts[i] as number;
        connection.write(half === 'first' ? bytes.subarray(0, cut) : bytes.subarray(cut));
      });
      await Promise.all(to.map(({ socket }) => this.sockets.haveRead(socket, socket.bytesWritten)));
    }
  }

  /** Waits for the answers that are expected on a connection, or for its end. */
  async hear(client: PlayedConnection, expected: readonly ExpectedAnswer[]): Promise<Heard> {
    let heard = readAnswers(client.received, expected, client);
    await client.until(() => {
      heard = readAnswers(client.received, expected, client);
      return client.ended || heard.junk !== undefined || heard.answers.length === expected.length;
    }, ANSWER_MS);
    return heard;
  }

  /** Asks something that only one answer fits; gives what is wrong. */
  async probe(client: PlayedConnection, whose: string): Promise<string[]> {
    this.#probes += 1;
    const target = `${PROBE}${this.#probes}`;
    const from = client.received.length;
    client.write(Buffer.from(`GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`));
    const wanted = echoOf('GET', target);
    let got: ReturnType<typeof readAnswer>;
    await client.until(() => {
      got = readAnswer(client.received, from, 'GET', client);
      return got !== undefined || client.ended;
    }, ANSWER_MS);
    if (typeof got === 'object' && got.whole && got.body.toString('latin1') === wanted && client.received.length === from + got.length)
      return [];
    const text = client.received.toString('latin1', from, from + 300);
    return [`${whose}: the next request got ${JSON.stringify(text)}${client.ended ? ' and the end' : ''}, not its answer`];
  }

  /** Waits until no exchange is in flight, and all that was sent for one has come. */
  async settled(): Promise<void> {
    await this.gateway.idle();
    await this.sockets.settled();
  }

  /** The gateway serves, and nothing of what was asked before is left in it. */
  async healthy(): Promise<string[]> {
    const [client] = (await this.connect(1)) as [PlayedConnection];
    const wrong = await this.probe(client, 'another connection');
    client.socket.destroy();
    await this.settled();
    return wrong;
  }
}

function readAnswers(bytes: Buffer, expected: readonly ExpectedAnswer[], ending: Ending): Heard {
  const answers: StrictAnswer[] = [];
  let at = 0;
  for (const { method } of expected) {
    const answer = readAnswer(bytes, at, method, ending);
    if (typeof answer === 'string') return { answers, junk: answer };
    if (answer === undefined) return { answers, junk: undefined };
    answers.push(answer);
    at += answer.length;
  }
  return { answers, junk: at < bytes.length ? JSON.stringify(bytes.toString('latin1', at, at + 200)) : undefined };
}
