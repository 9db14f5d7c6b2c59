import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';

/** What is written back, as it stands; undefined: nothing. */
export type Reply = string | Buffer | undefined;
export type Answering = (command: readonly string[], socket: Socket) => Reply;

/** Something that takes Redis' commands and answers as a test says, garbage too. */
export interface FakeRedis {
  readonly url: string;
  /** From the next command on. */
  answer: Answering;
  /** All commands so far, the name in lower case. */
  readonly commands: readonly (readonly string[])[];
  /** Connections so far. */
  readonly connections: number;
  /** Breaks all connections. */
  cut(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** As Redis answers what a store says by itself; `null` where the test has to. */
export function politely([name, ...args]: readonly string[]): string | null {
  if (name === 'ping') return bulk(args[0] ?? '');
  if (name === 'del') return ':0\r\n';
  if (name === 'auth' || name === 'select') return '+OK\r\n';
  return null;
}

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

export async function startFakeRedis(answer: Answering): Promise<FakeRedis> {
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const fake = { answer };
  const server: Server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    socket.setEncoding('latin1').on('data', (data: string) => {
      text += data;
      for (let read = command(text); read !== undefined; read = command(text)) {
        text = text.slice(read.length);
        const [name = '', ...args] = read.words;
        commands.push([name.toLowerCase(), ...args]);
        const reply = fake.answer([name.toLowerCase(), ...args], socket);
        if (reply !== undefined) socket.write(reply);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `redis://127.0.0.1:${port}`,
    get answer() {
      return fake.answer;
    },
    set answer(next) {
      fake.answer = next;
    },
    commands,
    get connections() {
      return connections;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** The first whole command: a list of bulk strings. */
function command(text: string): { words: string[]; length: number } | undefined {
  const words: string[] = [];
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let at = head[0].length;
  for (let i = 0; i < Number(head[1]); i++) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 32));
    if (size === null) return undefined;
    const [from, bytes] = [at + size[0].length, Number(size[1])];
    if (text.length < from + bytes + 2) return undefined;
    words.push(text.slice(from, from + bytes));
    at = from + bytes + 2;
  }
  return { words, length: at };
}
