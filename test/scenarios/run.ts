import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkContracts } from '../../src/app/check-contracts.ts';
import { startGateway } from '../../src/app/gateway.ts';
import { type Exposition, scrape } from '../kit/exposition.ts';
import { ACCESS_LOG, settingsOf } from '../kit/gateway-config.ts';
import { readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';
import type { Expectation } from './expectation.ts';
import type { Message } from './message.ts';
import type { Scenario, ScenarioExchange } from './read.ts';
import { SIDES, type FindingSeen, type Seen, checks, compare, findings, seenSince, show, violationsAfter } from './seen.ts';

/** A gateway that holds traffic against the contract of one file. */
export interface Stage {
  play(exchange: ScenarioExchange): Promise<Seen>;
  [Symbol.asyncDispose](): Promise<void>;
}

const SCHEMA = new URL('../../config/plumbline.schema.json', import.meta.url);
/** Top-level keys of the configuration: what else stands in a `config` is of `policies.contract`. */
const SECTIONS: ReadonlySet<string> = new Set(Object.keys((JSON.parse(readFileSync(SCHEMA, 'utf8')) as { properties: object }).properties));
/** For whom an answer does not matter. */
const ANY_ANSWER: Message = {
  first: '204',
  bytes: [Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')],
  body: new Uint8Array(0),
  endsWithConnection: false,
};
const VERDICT_MS = 3000;

/** How often an exchange is tried again that was not judged for want of time. */
const BUSY_TRIES = 20;

type Members = Readonly<Record<string, unknown>>;

/** Writes the files of a scenario where they are read from, and starts what it needs when it is first needed. */
export function setUp(scenario: Scenario): Stage {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-'));
  for (const [name, text] of scenario.files) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  let running: Promise<Running> | undefined;
  return {
    async play(exchange) {
      if (exchange.request === undefined) return checkDocument(scenario, dir, exchange);
      running ??= start(scenario, dir);
      const { play } = await running;
      let seen = await play(exchange, exchange.request);
      // A machine that is busy with other things is no verdict on the exchange.
      for (let i = 0; i < BUSY_TRIES && wasBusy(seen); i++) seen = await play(exchange, exchange.request);
      return seen;
    },
    async [Symbol.asyncDispose]() {
      await (await running?.catch(() => undefined))?.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function wasBusy({ expected, wasSkipped }: Seen): boolean {
  return wasSkipped && !expected.some((line) => line.endsWith(' skipped overload'));
}

function settings(scenario: Scenario, dir: string, upstream: number) {
  const { contract, route, listener, ...rest } = scenario.config as { contract?: Members; route?: Members; listener?: Members };
  const { upstream: pool, policies, ...ofRoute } = (route ?? {}) as { upstream?: Members; policies?: Members };
  const sections: Record<string, unknown> = {};
  const policy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) (SECTIONS.has(key) ? sections : policy)[key] = value;
  return settingsOf(
    {
      upstream,
      ...(pool !== undefined && { pool }),
      ...(listener !== undefined && { listener }),
      route: { contract: 'api', ...ofRoute, policies: { ...policies, contract: policy } },
      sections: {
        drain: { grace: '20ms' },
        ...sections,
        telemetry: { accessLog: join(dir, ACCESS_LOG), ...(sections.telemetry as Members | undefined) },
        contracts: { api: { openapi: 'openapi.yaml', ...contract }, ...(sections.contracts as Members | undefined) },
      },
    },
    dir,
  );
}

interface Running {
  play(exchange: ScenarioExchange, request: Message): Promise<Seen>;
  stop(): Promise<void>;
}

async function start(scenario: Scenario, dir: string): Promise<Running> {
  let answer = ANY_ANSWER;
  let arrived: Buffer | undefined;
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      arrived = (await readRequest(c)).body;
      for (const bytes of answer.bytes) if (bytes.length > 0) c.write(bytes);
      if (answer.endsWithConnection && !/^(1..|204|304)$/.test(answer.first)) return c.end();
    }
  });
  const gateway = await startGateway(settings(scenario, dir, origin.port)).catch(async (error: unknown) => {
    await origin.close();
    throw error;
  });
  const port = Number(new URL(gateway.listeners[0]?.url ?? '').port);
  const { url } = gateway.admin;
  const asksForFindings = scenario.exchanges.some(({ expected }) => expected.some(({ about }) => about === 'finding'));
  let before = await scrape(url);
  let lastViolation: string | undefined;
  let known: FindingSeen[] = [];
  return {
    async play(exchange, request) {
      answer = exchange.response ?? ANY_ANSWER;
      arrived = undefined;
      const got = await send(port, request);
      const after = await verdicts(url, before, exchange.expected);
      // Most exchanges break nothing.
      const isBroken = checks(after, undefined, 'invalid') > checks(before, undefined, 'invalid');
      const found = isBroken ? await violationsAfter(url, lastViolation) : [];
      lastViolation = found[0]?.id ?? lastViolation;
      // Told with the verdicts, or when the exchange is over: by then they are there.
      const all = asksForFindings ? await findings(url) : known;
      const seen = compare(exchange.expected, before, after, found, seenSince(known, all), got);
      known = all;
      before = after;
      const wrong = exchange.raw ? [] : changed(exchange, request, answer, arrived, got);
      return { ...seen, wrong };
    },
    async stop() {
      await gateway.drain();
      await origin.close();
    },
  };
}

type Got = Awaited<ReturnType<typeof readResponse>>;

async function send(port: number, request: Message): Promise<Got> {
  const c = await connectRaw(port);
  try {
    for (const bytes of request.bytes) if (bytes.length > 0) c.write(bytes);
    return await readResponse(c, request.first);
  } finally {
    c.destroy();
  }
}

/** Where nobody is to be refused, what the two sides sent each other must arrive as it was. */
function changed(exchange: ScenarioExchange, request: Message, answer: Message, arrived: Buffer | undefined, got: Got): string[] {
  if (exchange.expected.some(({ about }) => about === 'status')) return [];
  const wrong: string[] = [];
  if (arrived === undefined) wrong.push('the request did not reach the upstream');
  else if (!arrived.equals(request.body)) wrong.push('the upstream got another body than was sent');
  if (String(got.status) !== answer.first) wrong.push(`the upstream answered ${answer.first}, the client got ${got.status}`);
  if (got.framing !== 'none' && !got.body.equals(answer.body)) wrong.push('the client got another body than was sent');
  return wrong;
}

/** The metrics when every verdict that is asked for is there, or none comes any more. */
async function verdicts(url: string, before: Exposition, expected: readonly Expectation[]): Promise<Exposition> {
  const owed = SIDES.filter((side) => expected.some((e) => e.about === side && e.is !== 'none'));
  let seen = before;
  const probe = async (): Promise<boolean> => {
    seen = await scrape(url);
    return seen.value('plumbline_requests_in_flight') === 0 && owed.every((side) => checks(seen, side) > checks(before, side));
  };
  // Where one does not come, the comparison says so.
  await until(probe, 'verdicts', VERDICT_MS).catch(() => undefined);
  return seen;
}

/** What `plumbline check` says: errors exactly, of the rest what is expected. */
async function checkDocument(scenario: Scenario, dir: string, { expected }: ScenarioExchange): Promise<Seen> {
  const { contracts } = settings(scenario, dir, 9);
  const { problems } = await checkContracts(Object.values(contracts));
  const wanted = expected.filter((e) => e.about === 'document');
  const lines: string[] = [];
  for (const { severity, code, pointer } of problems) {
    const fits = wanted.find((e) => e.severity === severity && e.code === code && (e.pointer === undefined || e.pointer === pointer));
    if (fits !== undefined || severity === 'error') lines.push(fits === undefined ? `document ${severity} ${code} ${pointer}` : show(fits));
  }
  return { expected: [...new Set(expected.map(show))].sort(), got: [...new Set(lines)].sort(), wrong: [], wasSkipped: false };
}
