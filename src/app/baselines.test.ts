import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { readingOf } from '../contracts/registry.ts';
import type { DocumentReader } from '../core/document-reading.ts';
import type { Settings } from '../config/settings.ts';
import { Baselines, type LoadedBaselines, readBaselineFile } from './baselines.ts';
import { checkContracts } from './check-contracts.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-baselines-'));
afterAll(() => rmSync(dir, { recursive: true }));
const FILE = join(dir, 'baseline.yaml');
const A = '0123456789abcdef';
const B = 'fedcba9876543210';
const contract = { name: 'billing', baseline: FILE };
const write = (text: string | Uint8Array): void => writeFileSync(FILE, text);

async function told(text: string | Uint8Array, limit = 100): Promise<{ entries: string[]; problems: string[] }> {
  write(text);
  const { entries, problems } = await readBaselineFile(contract, limit);
  return {
    entries: [...entries.keys()],
    problems: problems.map(({ severity, code, line, column, file, contract: of }) => {
      expect([file, of]).toEqual([FILE, 'billing']);
      return `${line}:${column} ${severity} ${code}`;
    }),
  };
}

describe('a baseline file', () => {
  it('is YAML or JSON', async () => {
    expect(await told(`# known\nfindings:\n  - id: ${A}\n    note: x\n  - { id: "${B}" }\n`)).toEqual({ entries: [A, B], problems: [] });
    expect(await told(JSON.stringify({ findings: [{ id: A }] }))).toEqual({ entries: [A], problems: [] });
  });

  it.each<[string | Uint8Array, string]>([
    ['', '0:0 error not_parsed'],
    ['# nothing\n', '0:0 error not_parsed'],
    ['{}', '1:1 error not_a_baseline'],
    ['findings: [', '1:12 error not_parsed'],
    ['a: 1\nfindings: {}\n', '2:1 error not_a_baseline'],
    [new Uint8Array([0xff, 0xfe, 0x00]), '0:0 error not_utf8'],
  ])('%j is none', async (text, problem) => {
    const { entries, problems } = await told(text);
    expect([entries, problems]).toEqual([[], [problem]]);
  });

  it('says where an entry is wrong', async () => {
    const { entries, problems } = await told(`findings:\n  - id: ${A}\n  - id: 0x1\n  - note: x\n  - id: ${A}\n    nte: y\n`);
    expect([entries, problems]).toEqual([[A], ['3:5 warning wrong_id', '4:5 warning missing_id', '5:5 warning duplicate']]);
  });

  it('is bounded by the findings that are kept; where none are, it is still looked at', async () => {
    const text = JSON.stringify({ findings: [{ id: A }, { id: B }] });
    expect((await told(text, 1)).problems).toEqual(['1:40 warning too_many']);
    expect((await told(text, 0)).problems).toEqual([]);
  });

  it('that is not there is named', async () => {
    const { problems } = await readBaselineFile({ name: 'billing', baseline: join(dir, 'nowhere.yaml') }, 10);
    expect(problems).toMatchObject([
      { severity: 'error', code: 'file_unreadable', message: expect.stringContaining('no such file') as unknown },
    ]);
  });

  it('of any size is read by the thread where it is large, with its places', async () => {
    const asked: string[] = [];
    const here = readingOf('openapi');
    const reader: DocumentReader = {
      read: async (uri, bytes) => {
        asked.push('read');
        return here.read(uri, bytes);
      },
      place: async (bytes, wanted) => {
        asked.push('place');
        return here.place(bytes, wanted);
      },
    };
    write(`findings:\n  - id: x\n${'# a line of no meaning\n'.repeat(8000)}`);
    expect((await readBaselineFile(contract, 10, reader)).problems).toMatchObject([{ line: 2, code: 'wrong_id' }]);
    expect(asked).toEqual(['read', 'place']);
    write(`findings:\n  - id: ${A}\n`);
    await readBaselineFile(contract, 10, reader);
    expect(asked).toHaveLength(2);
  });

  it('is looked at by check, too', async () => {
    write('findings:\n  - id: x\n');
    const { problems } = await checkContracts(Object.values(settings().contracts), 100);
    expect(problems.filter(({ file }) => file === FILE).map(({ code, line, contract: of }) => `${code} ${line} ${of}`)).toEqual([
      'wrong_id 2 billing',
    ]);
  });
});

function settings(more: object = {}): Settings {
  writeFileSync(join(dir, 'a.json'), JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths: {} }));
  const billing = { openapi: 'a.json', baseline: 'baseline.yaml', ...more };
  return settingsOf({ upstream: 1, sections: { contracts: { billing } } }, dir);
}

describe('baselines', () => {
  let baselines: Baselines;
  beforeEach(() => {
    baselines = new Baselines();
  });
  const codes = ({ fatal, problems, changed }: LoadedBaselines) => ({
    fatal: fatal.map(({ code }) => code),
    problems: problems.map(({ code }) => code),
    changed,
  });
  async function take(how: 'whole' | 'each', of = settings()): Promise<ReturnType<typeof codes>> {
    const loaded = await baselines.load(of, how, undefined);
    if (loaded.fatal.length === 0) baselines.take(loaded);
    return codes(loaded);
  }
  const inForce = (): string[] => [...baselines.of('billing').keys()];

  it('come into force, each with its changes, and are told of once', async () => {
    write(`findings: [{ id: ${A} }, { id: x }]`);
    expect(await take('whole')).toEqual({ fatal: [], problems: ['wrong_id'], changed: ['billing'] });
    expect([inForce(), baselines.of('other').size]).toEqual([[A], 0]);
    expect(await take('each')).toEqual({ fatal: [], problems: [], changed: [] });
    write(`findings: [{ id: ${B} }]`);
    expect(await take('each')).toEqual({ fatal: [], problems: [], changed: ['billing'] });
    expect(inForce()).toEqual([B]);
  });

  it('that cannot be used leave those before in force, and a new configuration is refused for them', async () => {
    write(`findings: [{ id: ${A} }]`);
    await take('whole');
    write('findings');
    expect(await take('each')).toEqual({ fatal: [], problems: ['not_a_baseline'], changed: [] });
    expect(await take('each')).toEqual({ fatal: [], problems: [], changed: [] });
    expect(inForce()).toEqual([A]);
    expect(await take('whole')).toMatchObject({ fatal: ['not_a_baseline'] });
    expect(await take('whole', settings({ onError: 'proxy' }))).toMatchObject({ fatal: [] });
    expect(inForce()).toEqual([A]);
  });

  it('go with the key that names them', async () => {
    write(`findings: [{ id: ${A} }]`);
    await take('whole');
    await take('whole', settings({ baseline: undefined }));
    expect(inForce()).toEqual([]);
    expect(await take('whole')).toMatchObject({ changed: ['billing'] });
  });

  it('are watched', async () => {
    write('findings: []');
    const { files } = await baselines.load(settings(), 'whole', undefined);
    expect(files).toMatchObject([{ path: FILE, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }]);
  });
});
