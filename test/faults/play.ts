/** How a case is played: once in one piece, then once for every place where it can be cut in two, and each time all must be as it says. */
import type { Arena, Heard } from './arena.ts';
import { checkAnswer, checkEchoes, checkRequests, likeness } from './checks.ts';
import type { AnswerCase, RequestCase } from './corpus.ts';
import type { ExpectedAnswer } from './expectation.ts';
import type { PlayedConnection } from './played-connection.ts';
import { PROBE, type Recorded, echo } from './recorder.ts';
import { splitPoints } from './splits.ts';

/** Connections at a time. */
const BATCH = 100;
const WHOLE = [0];
/** Sent behind every message that is refused: nothing behind it may ever be read as a request. */
const HIDDEN = Buffer.from('GET /hidden-behind HTTP/1.1\r\nHost: x\r\n\r\n');
const CLOSE_MS = 4000;
const ARRIVE_MS = 5000;

/** What a run gave: faults by cut, those that belong to no single one under −1, and what two runs must have in common. */
interface Run {
  readonly faults: ReadonlyMap<number, readonly string[]>;
  readonly likeness: ReadonlyMap<number, string>;
}

type PlayOnce = (cuts: readonly number[]) => Promise<Run>;

/** @returns what is wrong, in words; nothing: the case holds. */
export async function playRequest(arena: Arena, one: RequestCase): Promise<string[]> {
  return playAll(arena, one.send, (cuts) => runRequest(arena, one, cuts));
}

/** @returns what is wrong, in words; nothing: the case holds. */
export async function playAnswer(arena: Arena, one: AnswerCase): Promise<string[]> {
  return playAll(arena, one.answer, (cuts) => runAnswer(arena, one, cuts));
}

async function playAll(arena: Arena, bytes: Buffer, play: PlayOnce): Promise<string[]> {
  const whole = await play(WHOLE);
  const wrong = [...[...whole.faults.values()].flat(), ...(await arena.healthy())];
  if (wrong.length > 0) return wrong;
  const points = splitPoints(bytes);
  for (let from = 0; from < points.length; from += BATCH) {
    const cuts = points.slice(from, from + BATCH);
    const run = await play(cuts);
    const found = firstFault(run, whole.likeness.get(0)) ?? (await arena.healthy())[0];
    if (found !== undefined) return [found.startsWith('cut ') ? found : await locate(found, cuts, play)];
  }
  return [];
}

function firstFault(run: Run, wanted: string | undefined): string | undefined {
  for (const [cut, faults] of run.faults) if (faults.length > 0) return cut < 0 ? faults.join('; ') : `cut at ${cut}: ${faults.join('; ')}`;
  for (const [cut, got] of run.likeness) if (got !== wanted) return `cut at ${cut}: the answers are ${got}, and in one piece ${wanted}`;
  return undefined;
}

/** What only many together have shown: which one is it? */
async function locate(found: string, cuts: readonly number[], play: PlayOnce): Promise<string> {
  for (const cut of cuts) {
    const faults = [...(await play([cut])).faults.values()].flat();
    if (faults.length > 0) return `cut at ${cut}: ${faults.join('; ')}`;
  }
  return `cut somewhere, or only when many come at a time: ${found}`;
}

async function runRequest(arena: Arena, one: RequestCase, cuts: readonly number[]): Promise<Run> {
  arena.recorder.handler = one.upstreamDoes === 'silent' ? () => undefined : echo;
  const clients = await arena.connect(cuts.length);
  const refused = one.after === 'closed' && one.client.at(-1)?.code !== undefined;
  const bytes = refused ? Buffer.concat([one.send, HIDDEN]) : one.send;
  await arena.writeInTwo(clients, bytes, cuts);
  for (const { socket } of clients) {
    if (one.leaves === 'fin') socket.end();
    if (one.leaves === 'rst') socket.resetAndDestroy();
  }
  const heard = await Promise.all(clients.map((client) => arena.hear(client, one.client)));
  const faults = new Map<number, string[]>();
  await Promise.all(
    clients.map(async (client, i) => {
      const { answers, junk } = heard[i] as Heard;
      const wrong = checkHeard(heard[i] as Heard, one.client, 'listed');
      if (wrong.length === 0) wrong.push(...checkEchoes(answers, one.client, one.upstream));
      if (wrong.length === 0 && junk === undefined) wrong.push(...(await checkAfter(arena, client, one, answers.length)));
      faults.set(cuts[i] as number, wrong);
    }),
  );
  for (const { socket } of clients) socket.destroy();
  await arena.settled();
  faults.set(
    -1,
    checkUpstream(arena, (requests) => checkRequests(requests, one.upstream, cuts.length)),
  );
  if (one.upstreamDoes === 'silent') await arena.recorder.closeConnections();
  return { faults, likeness: likenessOf(cuts, heard, one.client) };
}

async function runAnswer(arena: Arena, one: AnswerCase, cuts: readonly number[]): Promise<Run> {
  // A connection that was used before would let the gateway repeat what broke on it (RT-2).
  await arena.recorder.closeConnections();
  const arrived: Array<Recorded | undefined> = cuts.map(() => undefined);
  let count = 0;
  const all = Promise.withResolvers<void>();
  const extra: string[] = [];
  arena.recorder.handler = (recorded) => {
    const index = Number(/\/case\/(\d+)/.exec(recorded.request.target)?.[1] ?? -1);
    if (index < 0 || index >= cuts.length || arrived[index] !== undefined) extra.push(recorded.request.line);
    else {
      arrived[index] = recorded;
      count += 1;
      if (count === cuts.length) all.resolve();
    }
  };
  const clients = await arena.connect(cuts.length);
  clients.forEach((client, i) => client.write(Buffer.from(one.request.toString('latin1').replace('/case', `/case/${i}`), 'latin1')));
  const late = setTimeout(() => all.resolve(), ARRIVE_MS);
  await all.promise;
  clearTimeout(late);
  const faults = new Map<number, string[]>();
  if (count < cuts.length) {
    faults.set(-1, [`${count} of ${cuts.length} requests came to the upstream`]);
    for (const { socket } of clients) socket.destroy();
    return { faults, likeness: new Map() };
  }
  const upstreams = arrived.map((recorded) => (recorded as Recorded).connection);
  await arena.writeInTwo(upstreams, one.answer, cuts);
  for (const { socket } of upstreams) {
    if (one.end === 'fin') socket.end();
    if (one.end === 'rst') socket.resetAndDestroy();
  }
  const heard = await Promise.all(clients.map((client) => arena.hear(client, one.client)));
  if (one.late.length > 0) {
    for (const upstream of upstreams) upstream.write(one.late);
    await Promise.all(upstreams.map(({ socket }) => arena.sockets.haveRead(socket, socket.bytesWritten)));
  }
  arena.recorder.handler = echo;
  await Promise.all(
    clients.map(async (client, i) => {
      const upstream = upstreams[i] as PlayedConnection;
      const wrong = checkHeard(heard[i] as Heard, one.client, 'all');
      if (one.socket === 'dropped' && !(await upstream.until(() => upstream.ended, CLOSE_MS)))
        wrong.push('the connection to the upstream was not given up');
      if (wrong.length === 0) wrong.push(...(await checkAfter(arena, client, one, (heard[i] as Heard).answers.length)));
      if (one.socket === 'reused' && upstream.ended) wrong.push('the connection to the upstream was given up');
      faults.set(cuts[i] as number, wrong);
    }),
  );
  for (const { socket } of clients) socket.destroy();
  if (cuts.length === 1 && one.socket === 'reused') faults.set(-2, await checkReused(arena, upstreams[0] as PlayedConnection));
  await arena.settled();
  faults.set(
    -1,
    checkUpstream(arena, (requests) =>
      requests.length === cuts.length ? extra : [`${requests.length} requests for ${cuts.length}`, ...extra],
    ),
  );
  return { faults, likeness: likenessOf(cuts, heard, one.client) };
}

async function checkReused(arena: Arena, upstream: PlayedConnection): Promise<string[]> {
  const wrong = await arena.healthy();
  if (wrong.length === 0 && upstream.received.indexOf(`GET ${PROBE}`) < 0) wrong.push('the connection to the upstream was not used again');
  return wrong;
}

function checkHeard({ answers, junk }: Heard, expected: readonly ExpectedAnswer[], exactFields: 'all' | 'listed'): string[] {
  const wrong = expected.flatMap((one, i) => {
    const answer = answers[i];
    if (answer !== undefined)
      return checkAnswer(answer, one, exactFields).map((text) => (expected.length > 1 ? `answer ${i + 1}: ${text}` : text));
    // Nothing at all of an answer that was cut before its first byte could leave would be no fault, but the gateway has a refusal for that.
    return i === answers.length ? [`no ${expected.length > 1 ? `answer ${i + 1}` : 'answer'}`] : [];
  });
  if (junk !== undefined) wrong.push(`behind the last answer came ${junk}`);
  return wrong;
}

/** What becomes of the client's connection after its answers. */
async function checkAfter(arena: Arena, client: PlayedConnection, one: RequestCase | AnswerCase, answers: number): Promise<string[]> {
  const { after } = one;
  if (after === 'kept') {
    if (client.ended) return ['the connection was closed'];
    return arena.probe(client, 'the same connection');
  }
  if (after === 'either') return [];
  const bytes = client.received.length;
  if (!(await client.until(() => client.ended, CLOSE_MS))) return ['the connection was left open'];
  if (client.received.length > bytes) return [`more came: ${JSON.stringify(client.received.toString('latin1', bytes, bytes + 200))}`];
  if (after === 'gone' && bytes > 0) return [`it got ${JSON.stringify(client.received.toString('latin1', 0, 200))}`];
  return refusalSaysClose(client, one, answers);
}

/** RFC 9112 §9.6: who refuses and closes says so. */
function refusalSaysClose(client: PlayedConnection, { client: expected }: RequestCase | AnswerCase, answers: number): string[] {
  const last = expected.at(-1);
  if (last?.kind !== 'whole' || last.code === undefined || answers !== expected.length) return [];
  return /\r\nConnection: close\r\n/i.test(client.received.toString('latin1')) ? [] : ['the refusal does not say Connection: close'];
}

function checkUpstream(arena: Arena, check: (requests: ReturnType<Arena['recorder']['take']>['requests']) => string[]): string[] {
  const { requests, faults } = arena.recorder.take();
  return [...faults.map((fault) => `at the upstream: ${fault}`), ...check(requests)];
}

function likenessOf(cuts: readonly number[], heard: readonly Heard[], expected: readonly ExpectedAnswer[]): Map<number, string> {
  const like = (one: Heard): string => one.answers.map((answer, i) => likeness(answer, expected[i]?.kind ?? 'whole')).join(' ');
  return new Map(cuts.map((cut, i) => [cut, like(heard[i] as Heard)]));
}
