import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../config/problem.ts';
import type { Io } from '../output.ts';
import { DESCRIBED, describe as textOf } from './codes.ts';
import { type Checked, type Format, REPORTERS } from './reporters.ts';
import manifest from '../../../package.json' with { type: 'json' };

const problem = (more: Partial<Problem>): Problem => ({
  severity: 'warning',
  code: 'example_invalid',
  message: 'the example breaks its own schema: must be integer at /id (type)',
  file: '/repo/api/openapi.yaml',
  line: 12,
  column: 7,
  pointer: '/paths/~1pets/get/responses/200/content/application~1json/example',
  contract: 'pets',
  ...more,
});

const CHECKED: readonly Checked[] = [
  {
    file: 'plumbline.yaml',
    summary: '',
    contracts: [],
    problems: [
      problem({
        severity: 'error',
        code: 'unknown_key',
        message: 'unknown key',
        file: 'plumbline.yaml',
        line: 3,
        column: 1,
        pointer: '/listners',
        suggestion: 'listeners',
      }),
      problem({}),
      problem({ message: 'the example breaks its own schema: 100 %,\nand a second line' }),
      problem({
        severity: 'info',
        code: 'more_problems',
        message: '3 more of example_invalid are not listed',
        line: 0,
        column: 0,
        pointer: '',
      }),
      problem({ severity: 'error', code: 'not_parsed', message: 'not YAML 1.2', file: '/elsewhere/ä b.yaml', pointer: '' }),
      problem({ code: 'bad_server', file: 'https://api.example/openapi.yaml', message: 'a server must have a url', pointer: '/servers/0' }),
      problem({ code: 'bad_server', file: '/repo/api/with space,comma.yaml', message: 'a server must have a url', pointer: '/servers/0' }),
    ],
  },
];

function report(format: Format, checked: readonly Checked[] = CHECKED, env: Io['env'] = {}, cwd = '/repo'): string {
  let out = '';
  REPORTERS[format](checked, { stdout: { write: (text) => (out += text) }, stderr: { write: () => 0 }, env, cwd }, 'some');
  return out;
}

const golden = (name: string): string => readFileSync(join(import.meta.dirname, 'golden', name), 'utf8');

describe('golden reports', () => {
  it.each([
    ['json', 'report.json'],
    ['sarif', 'report.sarif'],
    ['github', 'report.github.txt'],
    ['text', 'report.txt'],
  ] as const)('%s', (format, name) => {
    expect(report(format)).toBe(golden(name).replaceAll('VERSION', manifest.version));
  });
});

describe('SARIF', () => {
  const log = (checked?: readonly Checked[]) => JSON.parse(report('sarif', checked)) as Sarif;

  it('has what SARIF 2.1.0 asks for, and a rule for each result', () => {
    const { version, runs } = log();
    expect([version, runs.length]).toEqual(['2.1.0', 1]);
    const [run] = runs as [Run];
    for (const { ruleId, ruleIndex, level, message, partialFingerprints } of run.results) {
      expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
      expect(['error', 'warning', 'note']).toContain(level);
      expect(message.text).not.toBe('');
      expect(partialFingerprints['plumbline/v1']).toMatch(/^[0-9a-f]{32}$/);
    }
    for (const rule of run.tool.driver.rules) {
      expect(rule.shortDescription.text).not.toBe('');
      expect(rule.help.text).not.toBe('');
    }
  });

  it('names files as they lie in the checkout, encoded as URIs', () => {
    const uris = log().runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.artifactLocation);
    expect(uris?.map((one) => `${one?.uriBaseId ?? ''} ${one?.uri}`)).toEqual([
      '%SRCROOT% plumbline.yaml',
      '%SRCROOT% api/openapi.yaml',
      '%SRCROOT% api/openapi.yaml',
      '%SRCROOT% api/openapi.yaml',
      ' file:///elsewhere/%C3%A4%20b.yaml',
      ' https://api.example/openapi.yaml',
      '%SRCROOT% api/with%20space%2Ccomma.yaml',
    ]);
  });

  it('fingerprints are one of a kind, and stay when lines move', () => {
    const prints = (move: number): string[] => {
      const [checked] = CHECKED as [Checked];
      const moved = { ...checked, problems: checked.problems.map((one) => ({ ...one, line: one.line === 0 ? 0 : one.line + move })) };
      return (log([moved]).runs[0] as Run).results.map((result) => result.partialFingerprints['plumbline/v1'] as string);
    };
    expect(prints(40)).toEqual(prints(0));
    expect(new Set(prints(0)).size).toBe(prints(0).length);
  });

  it('says a place only where there is one', () => {
    const regions = log().runs[0]?.results.map(({ locations }) => locations[0]?.physicalLocation.region);
    expect(regions?.[3]).toBeUndefined();
    expect(regions?.[0]).toEqual({ startLine: 3, startColumn: 1 });
  });

  it('of nothing is a run without results', () => {
    expect(log([]).runs[0]?.results).toEqual([]);
  });
});

describe('workflow commands', () => {
  it('are relative to the checkout, wherever the command runs', () => {
    const out = report('github', CHECKED, { GITHUB_WORKSPACE: '/' }, '/repo');
    expect(out).toContain('::error file=repo/plumbline.yaml,line=3,col=1,');
  });

  it('say that there is nothing', () => {
    expect(report('github', [])).toBe('plumbline check: no problems\n');
  });
});

describe('texts of codes', () => {
  it('every lint has one', () => {
    for (const code of ['example_invalid', 'no_repeat_story', 'no_owner', 'no_contract', 'unsafe_pattern', 'unreachable_operation'])
      expect(DESCRIBED).toContain(code);
  });

  it('a code without one is read as words', () => {
    expect(textOf('port_used_twice').title).toBe('Port used twice');
    expect(textOf('constructor').title).toBe('Constructor');
  });

  it('docs/check.md has every code that has a text', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/check.md'), 'utf8');
    expect(DESCRIBED.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});

interface Sarif {
  readonly version: string;
  readonly runs: readonly Run[];
}

interface Run {
  readonly tool: {
    readonly driver: {
      readonly rules: ReadonlyArray<{
        readonly id: string;
        readonly shortDescription: { readonly text: string };
        readonly help: { readonly text: string };
      }>;
    };
  };
  readonly results: ReadonlyArray<{
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly message: { readonly text: string };
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly locations: ReadonlyArray<{
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
        readonly region?: { readonly startLine: number; readonly startColumn?: number };
      };
    }>;
  }>;
}
