import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Violation } from '../../src/core/contract.ts';
import { type GatewayProcess, startGatewayProcess } from '../kit/gateway-process.ts';
import { DOCUMENT_PATH, type Json, isInstalled, readDocument } from './github.ts';
import { type Judgement, type MessageFault, judgeExchange } from './judge/exchange.ts';
import { everyFault } from './judge/schema.ts';
import { outcomeText } from './outcome.ts';
import { type Recording, readRecordings } from './recordings.ts';
import { type RecordedOrigin, startRecordedOrigin } from './replay.ts';
import { markdown, rowsOf } from './rows.ts';
import { Replayer, type Verdicts, portOf } from './verdicts.ts';

/**
 * GitHub's recorded traffic replayed through a gateway that has GitHub's contract, in front of an origin that answers as recorded. It
 * reports, so that nothing is refused, and it counts what the upstream refused too: here every violation is wanted. A second listener
 * does not (CP-5), which is what people run.
 */
describe.skipIf(!isInstalled)("GitHub's own contract and traffic", () => {
  let document: Json;
  let recordings: readonly Recording[];
  let origin: RecordedOrigin;
  let gateway: GatewayProcess;
  let replayed: Verdicts[];
  let judgements: ReadonlyMap<Verdicts, Judgement>;

  beforeAll(async () => {
    document = readDocument();
    recordings = readRecordings();
    origin = await startRecordedOrigin();
    const upstream = `http://127.0.0.1:${origin.port}`;
    const address = { host: '127.0.0.1', port: 0 };
    const route = { upstream, contract: 'github' };
    gateway = await startGatewayProcess({
      upstream: origin.port,
      sections: {
        contracts: { github: { openapi: DOCUMENT_PATH } },
        listeners: { main: address, usual: address },
        routes: [
          { ...route, name: 'all', listener: 'main', policies: { contract: { countRefused: true } } },
          { ...route, name: 'usual', listener: 'usual' },
        ],
      },
    });
    const replayer = new Replayer(gateway, origin);
    replayed = [];
    for (const recording of recordings) replayed.push(await replayer.replay(recording));
    replayer.close();
    if (replayer.repeated > 0) process.stderr.write(`${replayer.repeated} exchanges were sent again: the gateway was overloaded\n`);
    judgements = new Map(replayed.map((verdicts) => [verdicts, judgeExchange(document, verdicts.recording)]));
  }, 60_000);

  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    await origin?.close();
  });

  it('has all 132 exchanges, with bodies as long as recorded', () => {
    expect(recordings).toHaveLength(132);
    const others = recordings.filter(
      ({ recordedLength, responseBody }) => recordedLength !== undefined && recordedLength !== responseBody.length,
    );
    // Their recordings say a length that the recorded body does not have in any writing of JSON: it was edited, or held escaped characters.
    expect(others.map(({ name }) => name)).toEqual(['project-cards#0', 'project-cards#1', 'release-assets-conflict#5', 'search-issues#3']);
  });

  it('passes every exchange on unchanged', () => {
    expect(origin.differences).toEqual([]);
    expect(
      replayed.filter(({ recording, answer }) => answer.status !== recording.status || !answer.body.equals(recording.responseBody)),
    ).toEqual([]);
  });

  it('has the outcome that is checked in', async () => {
    await expect(outcomeText(document, replayed)).toMatchFileSnapshot('recorded/github-outcome.json');
  });

  it('judges every JSON body of an operation, and skips nothing', () => {
    const sides = replayed.flatMap((verdicts) => {
      const { operation, json } = judgements.get(verdicts) as Judgement;
      return operation === undefined ? [] : [...json].map((side) => `${verdicts.recording.name} ${side}: ${verdicts[side]}`);
    });
    expect(sides.length).toBeGreaterThan(100);
    expect(sides.filter((line) => !/: (in)?valid$/.test(line))).toEqual([]);
    expect(skipped(replayed)).toEqual([]);
  });

  it('agrees with the other judge on every operation', () => {
    const others = [...judgements].filter(([verdicts, { operation }]) => verdicts.operation !== (operation?.id ?? '_unmatched'));
    expect(others.map(([{ recording, operation }, judgement]) => [recording.name, operation, judgement.operation?.id])).toEqual([]);
  });

  it('reports only what is true by the words of the document', () => {
    const untrue = [...judgements].flatMap(([{ recording, violations }, { faults }]) =>
      violations
        .filter((violation) => !everyMessageFault(faults).some((fault) => isSame(fault, violation)))
        .map((v) => [recording.name, v]),
    );
    expect(untrue).toEqual([]);
  });

  it('reports all that is wrong by the words of the document', () => {
    const unseen = [...judgements].flatMap(([{ recording, violations }, { faults }]) =>
      faults
        .filter((fault) => !everyMessageFault([fault]).some((each) => violations.some((violation) => isSame(each, violation))))
        .map((fault) => [recording.name, fault]),
    );
    expect(unseen).toEqual([]);
    for (const [verdicts, { faults }] of judgements)
      for (const side of ['request', 'response'] as const)
        if (verdicts[side] === 'valid') expect(faults.filter((fault) => fault.side === side)).toEqual([]);
  });

  it('has the words of each violation checked in', async () => {
    await expect(markdown(rowsOf(document, replayed), skipped(replayed))).toMatchFileSnapshot('recorded/github-violations.md');
  });

  it('CP-5: does not tell again of requests that the upstream refused', async () => {
    const refused = replayed.filter(({ recording }) => recording.status >= 400 && recording.status < 500);
    expect(refused.map(({ recording }) => recording.name)).toEqual(['branch-protection#3', 'errors#1', 'release-assets-conflict#5']);
    expect(refused.flatMap(({ violations }) => violations.map(({ side, rule }) => `${side} ${rule}`))).toEqual(['request media_type']);
    const replayer = new Replayer(gateway, origin, await portOf(gateway, 'usual'));
    for (const { recording, request, response } of refused)
      expect(await replayer.replay(recording)).toMatchObject({ request, response, violations: [] });
    replayer.close();
  }, 30_000);
});

function skipped(all: readonly Verdicts[]): string[] {
  return all.flatMap(({ request, response }) => [request, response]).filter((verdict) => verdict.startsWith('skipped'));
}

/** With those of alternatives: which of these a verdict names is a matter of taste, as long as none of them matched. */
function everyMessageFault(faults: readonly MessageFault[]): MessageFault[] {
  return faults.flatMap((fault) => everyFault([fault]).map((each) => ({ ...each, side: fault.side, location: fault.location })));
}

function isSame(fault: MessageFault, violation: Violation): boolean {
  return (['rule', 'side', 'location', 'pointer', 'specPointer'] as const).every((name) => fault[name] === violation[name]);
}
