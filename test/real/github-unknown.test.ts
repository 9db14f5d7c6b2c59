import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadOpenApi } from '../../src/contracts/openapi/load.ts';
import type { Contract, ContractRequest, ContractResponse, DriftParts } from '../../src/core/contract.ts';
import type { Drift } from '../../src/core/drift.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';
import { DOCUMENT_PATH, isInstalled } from './github.ts';
import { type Recording, readRecordings } from './recordings.ts';

interface Played {
  readonly recording: Recording;
  readonly request: ContractRequest;
  readonly response: ContractResponse;
  readonly parts: DriftParts;
}

/** What GitHub's recorded messages have that today's document does not know, beside what its validator says of them (github.test.ts). */
describe.skipIf(!isInstalled)("what GitHub's document does not know of its traffic", () => {
  let played: readonly Played[];

  beforeAll(async () => {
    const { contract } = await loadOpenApi({
      name: 'github',
      uri: DOCUMENT_PATH,
      basePath: 'auto',
      formats: 'assert',
      read: async (path) => readFileSync(path),
      resolve: (_, ref) => ref,
    });
    if (contract === undefined) throw new Error('not loaded');
    played = readRecordings().flatMap((recording) => playedOf(contract, recording) ?? []);
  }, 60_000);

  it('is five header fields, each one finding, which the document names nowhere', () => {
    const found = new Map<string, number>();
    for (const one of played)
      for (const { kind, side, specPointer, name } of everything(one)) {
        const key = `${kind} ${side} ${specPointer} ${name}`;
        found.set(key, (found.get(key) ?? 0) + 1);
      }
    const field = (name: string, times: number) => [`undocumented_header response /paths ${name}`, times];
    expect([...found].sort()).toEqual([
      field('x-accepted-oauth-scopes', 48),
      field('x-github-api-version-selected', 2),
      field('x-github-media-type', 48),
      field('x-github-request-id', 51),
      field('x-oauth-scopes', 48),
    ]);
    const document = readFileSync(DOCUMENT_PATH, 'utf8').toLowerCase();
    for (const key of found.keys()) expect(document.includes(`"${key.split(' ').at(-1)}":`), key).toBe(false);
  });

  it('would be a member more, in every answer whose body has a schema', () => {
    const answers = played.filter(({ recording }) => recording.responseBody.length > 0 && isJson(recording));
    const told = answers.flatMap((one) => {
      const value = JSON.parse(one.recording.responseBody.toString()) as unknown;
      const object = Array.isArray(value) ? (value[0] as unknown) : value;
      if (typeof object !== 'object' || object === null) return [];
      (object as Record<string, unknown>).something_new = '2026-01-02T03:04:05Z';
      const drift = one.parts.inBody(one.request, one.response, bodyOf(Buffer.from(JSON.stringify(value))));
      return [{ name: one.recording.name, drift }];
    });
    expect(told.length).toBeGreaterThan(70);
    const silent = told.filter(({ drift }) => drift.length === 0).map(({ name }) => name);
    // Its answer, 422, has no content in the document.
    expect(silent).toEqual(['release-assets-conflict#5']);
    for (const { drift } of told.filter(({ name }) => !silent.includes(name)))
      expect(drift).toMatchObject([{ kind: 'undocumented_field', name: 'something_new', types: ['string'], formats: ['date-time'] }]);
    // Components are shared: there are fewer places than answers.
    expect(new Set(told.flatMap(({ drift }) => drift.map(({ specPointer }) => specPointer))).size).toBeLessThan(told.length / 2);
  });
});

function playedOf(contract: Contract, recording: Recording): Played | undefined {
  const [path = '', query = ''] = recording.target.split('?');
  const match = contract.match(recording.method, path);
  if (!('operation' in match) || match.operation.driftParts === undefined) return undefined;
  const request = { method: recording.method, path, query, headers: recording.requestHeaders };
  return {
    recording,
    request,
    response: { status: recording.status, headers: recording.responseHeaders },
    parts: match.operation.driftParts,
  };
}

function bodyOf(bytes: Buffer): ParsedBody {
  return new ParsedBody([bytes], bytes.length);
}

function everything({ recording, request, response, parts }: Played): readonly Drift[] {
  const heads = [...parts.inHead(request, undefined), ...parts.inHead(request, response)];
  const bodies = [
    ...(recording.requestBody.length > 0 ? parts.inBody(request, undefined, bodyOf(recording.requestBody)) : []),
    ...(recording.responseBody.length > 0 ? parts.inBody(request, response, bodyOf(recording.responseBody)) : []),
  ];
  return [...heads, ...bodies];
}

function isJson({ responseHeaders }: Recording): boolean {
  return responseHeaders.some((text) => /^application\/(?:[\w.-]+\+)?json\b/.test(text));
}
