import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SAMPLES, THINGS, captureOf } from '../../../test/kit/drift-traffic.ts';
import type { FindingItem } from '../../core/views.ts';
import { program } from '../program.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-drift-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
const SERVICE = {
  listeners: { in: { port: 0 } },
  routes: [{ name: 'app', listener: 'in', upstream: 'http://127.0.0.1:3000', contract: 'things' }],
};

beforeAll(() => {
  write('things.json', JSON.stringify(THINGS));
  write('traffic.ndjson', captureOf(SAMPLES, 'https://api.example'));
  write('broken.json', '{"openapi":"3.1.0"}');
  write('empty.har', '{"log":{"entries":[]}}');
  write('page.html', '<html>');
  write('cdn.ndjson', captureOf(SAMPLES.slice(0, 2), 'https://cdn.example'));
  write('config.yaml', JSON.stringify({ contracts: { things: { openapi: 'things.json', baseline: 'accepted.yaml' } }, ...SERVICE }));
  write('wrong.yaml', JSON.stringify({ contracts: { things: { openapi: 'things.json' } }, ...SERVICE, listeners: 7 }));
  write('accepted.yaml', 'findings: []\n');
  mkdirSync(join(dir, 'folder.har'));
});

async function call(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await program(['drift', ...argv], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env,
    cwd: dir,
  });
  return { code, out, err };
}

const SPEC = ['--spec', 'things.json', 'traffic.ndjson'];
const HELD = `${SAMPLES.length} exchanges held against the contract`;
async function findings(...argv: readonly string[]): Promise<readonly FindingItem[]> {
  const { out } = await call(['report', '--json', ...argv]);
  return (JSON.parse(out) as { findings: readonly FindingItem[] }).findings;
}

describe('plumbline drift report of recorded traffic', () => {
  it('is for people', async () => {
    const { code, out, err } = await call(['report', ...SPEC, '--all']);
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot('golden/report.txt');
  });

  it('is for machines: findings as the API has them, and what was held against what beside it', async () => {
    const { code, out, err } = await call(['report', ...SPEC, '--json']);
    expect([code, err]).toEqual([0, `plumbline: ${HELD}\n`]);
    const json = JSON.parse(out) as { findings: readonly FindingItem[] };
    expect(Object.keys(json)).toEqual(['findings']);
    expect(json.findings[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      ...{
        kind: expect.any(String),
        state: 'new',
        direction: 'ingress',
        api: 'things',
        operation: expect.any(String),
        operations: expect.any(Array),
      },
      ...{
        side: expect.any(String),
        location: expect.any(String),
        pointer: expect.any(String),
        specPointer: expect.any(String),
        name: expect.any(String),
      },
      ...{ count: 1, firstSeen: expect.any(String), lastSeen: expect.any(String), consumers: expect.any(Array), contractVersion: '1.0.0' },
      ...{ evidence: { types: [], formats: [] }, proposal: expect.any(String) },
    });
  });

  it('shows some of many, and says so', async () => {
    const many = Array.from({ length: 30 }, (_, i) => ({ method: 'GET', target: '/v1/things/1', status: 300 + i }));
    write('many.ndjson', captureOf(many, 'https://api.example'));
    const { out } = await call(['report', '--spec', 'things.json', 'many.ndjson']);
    expect(out.match(/undocumented status/g)).toHaveLength(20);
    expect(out).toContain('and 10 more new: --all shows them');
    expect(out).toMatch(/30 exchanges held against the contract: 30 new\n$/);
  });

  it('fails where something is new and that was asked for, whatever is shown', async () => {
    expect((await call(['report', ...SPEC, '--fail-on', 'new'])).code).toBe(1);
    expect((await call(['report', ...SPEC], { PLUMBLINE_FAIL_ON: 'new' })).code).toBe(1);
    expect(await call(['report', ...SPEC, '--fail-on', 'new', '--state', 'resolved'])).toEqual({
      code: 1,
      out: `${HELD}: no resolved findings\n`,
      err: '',
    });
    expect((await call(['report', ...SPEC, '--fail-on', 'never'])).code).toBe(0);
  });

  it('takes several files, of either form, and tells of what it could not read of them', async () => {
    const entry = {
      startedDateTime: '2026-11-22T09:00:00Z',
      request: { method: 'GET', url: 'https://api.example/v1/things/1' },
      response: { status: 418, content: { size: 0 } },
    };
    write('some.har', JSON.stringify({ log: { entries: [entry, ...Array.from({ length: 7 }, () => null)] } }));
    const { code, out, err } = await call(['report', '--spec', 'things.json', 'some.har', 'some.har', '--json']);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { findings: readonly FindingItem[] }).findings).toMatchObject([{ name: '418', count: 2 }]);
    const told = [
      ...[2, 3, 4, 5, 6].map((n) => `plumbline: some.har, entry ${n}: left out, it has no request or no response\n`),
      'plumbline: some.har: 2 more were left out\n',
    ].join('');
    expect(err).toBe(`${told}${told}plumbline: 2 exchanges held against the contract\n`);
  });

  it('is of the host that is said, and nothing of the environment says one', async () => {
    const { out } = await call(['report', '--spec', 'things.json', '--host', 'CDN.example', 'cdn.ndjson', 'traffic.ndjson'], {
      PLUMBLINE_HOST: '0.0.0.0',
    });
    expect(out).toMatch(new RegExp(`2 exchanges held against the contract, ${SAMPLES.length} went to another host: 3 new\n$`));
    expect((await call(['report', ...SPEC], { PLUMBLINE_HOST: '0.0.0.0' })).out).toContain(HELD);
  });

  it('names write nothing to the terminal, neither those of the traffic nor those of the document', async () => {
    const answer = { type: 'object', required: ['a\u009b2J', 'b\u202e'], properties: { 'a\u009b2J': {}, 'b\u202e': {} } };
    const operation = {
      operationId: 'get\u001b[31m',
      responses: { 200: { description: '', content: { 'application/json': { schema: answer } } } },
    };
    write(
      'strange.json',
      JSON.stringify({ openapi: '3.1.0', info: { title: 's', version: '1\u001b[2J' }, paths: { '/a': { get: operation } } }),
    );
    const sample = {
      method: 'GET',
      target: '/a?a%1b%5b2J=1',
      headers: [['User-Agent', 'a\u001b[2J/1']] as const,
      status: 200,
      responseHeaders: [['Content-Type', 'application/json']] as const,
      responseBody: '{"c\\u001b[31m":1,"d\\nend":2}',
    };
    write('strange.ndjson', captureOf([sample], 'https://api.example'));
    const { out } = await call(['report', '--spec', 'strange.json', 'strange.ndjson']);
    const yaml = (await call(['baseline', '--spec', 'strange.json', 'strange.ndjson'])).out;
    expect(out).toContain('missing required a\\u009b2J');
    for (const text of [out, yaml]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
    const { findings: listed } = parse(yaml) as { findings: ReadonlyArray<{ name: string }> };
    expect(listed.map(({ name }) => name).sort()).toEqual(['*', '*', 'a\\u009b2J', 'b\\u202e']);
  });
});

describe('plumbline drift baseline', () => {
  it('silences exactly what it lists', async () => {
    const { code, out, err } = await call(['baseline', ...SPEC]);
    expect([code, err]).toEqual([0, `plumbline: ${HELD}\n`]);
    await expect(out).toMatchFileSnapshot('golden/baseline.yaml');
    write('all.yaml', out);
    const accepted = await call(['report', ...SPEC, '--baseline', 'all.yaml', '--fail-on', 'new', '--state', 'new']);
    expect(accepted).toEqual({ code: 0, out: `${HELD}: no new findings\n`, err: '' });
    const { findings: listed } = parse(out) as { findings: ReadonlyArray<{ id: string }> };
    expect(listed.length).toBeGreaterThan(15);
    const [left, ...rest] = listed;
    write('less.yaml', JSON.stringify({ findings: rest }));
    const items = await findings(...SPEC, '--baseline', 'less.yaml');
    expect(items.filter(({ state }) => state === 'new').map(({ id }) => id)).toEqual([left?.id]);
    expect(items).toHaveLength(listed.length);
    expect((await call(['report', ...SPEC, '--baseline', 'less.yaml', '--fail-on', 'new'])).code).toBe(1);
  });

  it('keeps the notes of the one before it', async () => {
    const [{ id } = { id: '' }] = await findings(...SPEC);
    write('noted.yaml', `findings:\n  - id: "${id}"\n    note: since 2020\n`);
    const { out } = await call(['baseline', ...SPEC, '--baseline', 'noted.yaml']);
    const { findings: listed } = parse(out) as { findings: ReadonlyArray<{ id: string; note?: string }> };
    expect(listed.filter(({ note }) => note !== undefined)).toMatchObject([{ id, note: 'since 2020' }]);
    expect(listed.map((one) => one.id)).toEqual(listed.map((one) => one.id).toSorted());
  });

  it('of a configuration is read where that says it, and another one may stand in its place', async () => {
    const of = ['--config', 'config.yaml', 'traffic.ndjson'];
    expect((await findings(...of)).every(({ state }) => state === 'new')).toBe(true);
    write('accepted.yaml', (await call(['baseline', ...of])).out);
    expect((await findings(...of)).every(({ state }) => state === 'acknowledged')).toBe(true);
    write('none.yaml', 'findings: []\n');
    expect((await findings(...of, '--baseline', 'none.yaml')).every(({ state }) => state === 'new')).toBe(true);
    write('plumbline.yaml', readFileSync(join(dir, 'config.yaml'), 'utf8'));
    expect((await call(['report', 'traffic.ndjson', '--fail-on', 'new'])).code).toBe(0);
    rmSync(join(dir, 'plumbline.yaml'));
  });

  it('with a wrong entry says so, and takes the others', async () => {
    write('slip.yaml', 'findings:\n  - id: 12\n  - id: "0123456789abcdef"\n');
    const { code, err } = await call(['report', ...SPEC, '--baseline', 'slip.yaml']);
    expect(code).toBe(0);
    expect(err).toContain('put the id in quotes');
  });
});

describe('what cannot be used', () => {
  it.each<readonly [readonly string[], string]>([
    [
      ['report', 'traffic.ndjson'],
      '--spec is needed, the contract that the traffic is held against; or --config, a configuration that names it',
    ],
    [
      ['report', '--spec', 'things.json'],
      '--spec needs recorded traffic: an HTTP Archive, or a capture; a running gateway knows it itself',
    ],
    [
      ['report', '--baseline', 'accepted.yaml'],
      '--baseline needs recorded traffic: an HTTP Archive, or a capture; a running gateway knows it itself',
    ],
    [['baseline', '--host', 'a'], '--host needs recorded traffic: an HTTP Archive, or a capture; a running gateway knows it itself'],
    [['report', '--listener', 'in'], '--listener needs recorded traffic: an HTTP Archive, or a capture; a running gateway knows it itself'],
    [['report', ...SPEC, '--admin', 'http://127.0.0.1:1'], '--admin is for a running gateway; recorded traffic needs none'],
    [['baseline', ...SPEC, '--token', 'a'], '--token is for a running gateway; recorded traffic needs none'],
    [['report', ...SPEC, '--config', 'config.yaml'], '--spec cannot go with --config: a configuration says it itself'],
    [['report', ...SPEC, '--listener', 'in'], '--listener needs --config: it is one of a configuration'],
    [['report', ...SPEC, '--state', 'old'], '--state takes new, acknowledged, resolved, all, not "old"'],
    [['report', ...SPEC, '--fail-on', 'all'], '--fail-on takes new or never, not "all"'],
    [['report', ...SPEC, '--api', 'a b'], '--api takes the name of a contract: '],
    [['report', ...SPEC, '--host', 'https://a/'], '--host takes a host, api.example.com or 127.0.0.1:3000, not "https://a/"'],
    [
      ['report', ...SPEC, '--host', 'a.example'],
      `none of the ${SAMPLES.length} exchanges went to a.example: nothing was held against the contract; --host says another`,
    ],
    [
      ['report', '--spec', 'things.json', 'cdn.ndjson'],
      'none of the 2 exchanges went to api.example: nothing was held against the contract; --host says another',
    ],
    [['report', '--spec', 'things.json', 'empty.har'], 'the traffic has no exchange: nothing was held against the contract'],
    [['report', '--spec', 'things.json', 'page.html'], 'page.html is no HTTP Archive, and no capture with an exchange on each line'],
    [['report', '--spec', 'things.json', 'traffic.ndjson', 'no\u001b.har'], 'no\\u001b.har cannot be read: ENOENT'],
    [['report', '--spec', 'things.json', 'folder.har'], 'folder.har is not a file'],
    [['report', '--spec', 'nothing.json', 'traffic.ndjson'], 'nothing.json cannot be used; plumbline check tells all of it'],
    [['report', '--spec', 'broken.json', 'traffic.ndjson'], 'broken.json cannot be used; plumbline check tells all of it'],
    [['report', '--config', 'wrong.yaml', 'traffic.ndjson'], 'the configuration cannot be used; plumbline check tells all of it'],
    [['report', '--config', 'things.json', 'traffic.ndjson'], 'things.json is a contract, not a configuration'],
    [['report', '--config', 'config.yaml', '--api', 'other', 'traffic.ndjson'], 'the configuration has no contract "other"; it has things'],
    [['report', '--config', 'config.yaml', '--listener', 'out', 'traffic.ndjson'], '--listener takes one whose routes lead to things: in'],
    [['report', ...SPEC, '--baseline', 'nowhere.yaml'], 'nowhere.yaml cannot be used as a baseline'],
    [['report', ...SPEC, '--baseline', 'things.json'], 'things.json cannot be used as a baseline'],
    [['acknowledge', 'abc'], '"abc" is no id; plumbline drift report lists them'],
    [['acknowledge'], ''],
    [['report', '--admin', 'http://127.0.0.1:1'], 'http://127.0.0.1:1 cannot be asked: '],
  ])('%j', async (argv, message) => {
    const { code, out, err } = await call(argv);
    expect([code, out]).toEqual([2, '']);
    if (message !== '') expect(err).toContain(`plumbline: ${message}`);
  });

  it('traffic that is too large, before it is read', async () => {
    write('large.har', '');
    truncateSync(join(dir, 'large.har'), 401 * 1024 * 1024);
    expect(await call(['report', '--spec', 'things.json', 'large.har'])).toEqual({
      code: 2,
      out: '',
      err: 'plumbline: large.har is larger than 400 MiB: cut it into several\n',
    });
    rmSync(join(dir, 'large.har'));
  });

  it.skipIf(process.getuid?.() === 0)('traffic that may not be read', async () => {
    write('secret.har', '{}');
    chmodSync(join(dir, 'secret.har'), 0);
    expect((await call(['report', '--spec', 'things.json', 'secret.har'])).err).toBe('plumbline: secret.har cannot be read: EACCES\n');
  });
});
