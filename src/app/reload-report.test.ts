import { beforeEach, describe, expect, it } from 'vitest';
import { RecordingMeter } from '../../test/kit/meter.ts';
import type { Problem } from '../config/problem.ts';
import type { Logger } from '../core/ports.ts';
import type { LoadedContracts } from './contracts.ts';
import { ReloadReport } from './reload-report.ts';

const problem = (message: string, more: Partial<Problem> = {}): Problem => ({
  severity: 'error',
  code: 'x',
  message,
  file: 'plumbline.yaml',
  line: 2,
  column: 3,
  pointer: '/a/0/b',
  ...more,
});

const loaded = (more: Partial<LoadedContracts> = {}): LoadedContracts => ({
  fates: [],
  byName: new Map(),
  changed: false,
  fatal: [],
  refusals: [],
  warnings: [],
  files: [],
  remote: [],
  baselines: { byContract: new Map(), changed: [], fatal: [], problems: [], files: [] },
  ...more,
});

let meter: RecordingMeter;
let lines: string[];
let report: ReloadReport;
beforeEach(() => {
  meter = new RecordingMeter();
  lines = [];
  const to = (level: string) => (fields: object, message: string) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { info: to('info'), warn: to('warn'), error: to('error') };
  report = new ReloadReport(logger, meter);
});

const success = (): number => meter.value('config_reload_success');
const outcomes = (): object => meter.series('config_reloads_total');

it('tells what was taken: contracts, and listeners that were opened or closed, by their real addresses', () => {
  const kept = { name: 'a', url: 'http://127.0.0.1:1' };
  const gone = { name: 'b', url: 'http://127.0.0.1:2' };
  report.taken(2, 'd', ['billing 1.1.0'], [kept, gone], [kept, { name: 'b', url: 'http://127.0.0.1:3' }]);
  expect(lines).toEqual([
    'info a new configuration is in force: generation 2, with billing 1.1.0 {"generation":2,"digest":"d","contracts":["billing 1.1.0"]}',
    'info listener b is open on http://127.0.0.1:3 {"listener":"b","url":"http://127.0.0.1:3"}',
    'info http://127.0.0.1:2 takes no more connections {"url":"http://127.0.0.1:2"}',
  ]);
});

describe('what is refused', () => {
  it('is told with place and key, in the words of a start', () => {
    report.refused(3, [problem('unknown key', { suggestion: 'c' })]);
    expect(lines).toEqual([
      'error the new configuration is refused; generation 3 stays in force {"generation":3}',
      'error plumbline.yaml:2:3 error a[0].b: unknown key; did you mean "c"? {"code":"x","file":"plumbline.yaml","line":2,"column":3,"key":"a[0].b"}',
    ]);
    expect([success(), outcomes()]).toEqual([0, { 'outcome=refused': 1 }]);
  });

  it('is told once, however often it is read', () => {
    for (const trigger of ['change', 'retry', 'retry'] as const) {
      report.begin(trigger);
      report.refused(1, [problem('a')]);
    }
    expect([lines.length, outcomes()]).toEqual([2, { 'outcome=refused': 1 }]);
    report.refused(1, [problem('b')]);
    expect([lines.length, outcomes()]).toEqual([4, { 'outcome=refused': 2 }]);
  });

  it('is told again to a person who asks, and after something good was in force', () => {
    report.refused(1, [problem('a')]);
    report.begin('signal');
    report.refused(1, [problem('a')]);
    report.taken(2, 'd', [], [], []);
    report.refused(2, [problem('a')]);
    expect(outcomes()).toEqual({ 'outcome=refused': 3, 'outcome=taken': 1 });
  });

  it('of a thousand problems is told in fifty lines', () => {
    report.refused(
      1,
      Array.from({ length: 1000 }, (_, i) => problem(`p${i}`)),
    );
    expect(lines).toHaveLength(52);
    expect(lines.at(-1)).toContain('950 more problems are not shown');
  });
});

describe('a contract whose new version is refused', () => {
  it('is told once; that nothing has changed would be no news beside it', () => {
    const refused = loaded({ refusals: [problem('broken', { contract: 'billing' })] });
    for (let i = 0; i < 3; i++) {
      report.unchanged(refused);
      report.doubts([], refused);
    }
    expect(lines).toEqual([
      'error the new version of contract billing is refused; what was in force stays {"contract":"billing"}',
      expect.stringContaining('"contract":"billing"'),
    ]);
    expect(success()).toBe(1);
  });
});

it('a reading that changes nothing says so, and that all is well again', () => {
  report.refused(1, [problem('a')]);
  report.unchanged(loaded());
  expect([success(), lines.at(-1)]).toEqual([1, 'info read again: what was refused is gone; the files hold what is in force {}']);
  report.unchanged(loaded());
  expect(lines.at(-1)).toEqual('info read again: what is in force has not changed {}');
  const refused = loaded({ refusals: [problem('broken', { contract: 'billing' })] });
  report.unchanged(refused);
  report.doubts([], refused);
  report.begin('signal');
  report.unchanged(loaded());
  expect(lines.at(-1)).toEqual('info read again: what was refused is gone; the files hold what is in force {}');
});

it('what waits for a restart is named once', () => {
  for (let i = 0; i < 2; i++) report.waiting(['admin.port', 'service.name']);
  report.waiting([]);
  expect(lines).toEqual(['warn needs a restart: admin.port, service.name; the old value is kept {"keys":["admin.port","service.name"]}']);
});

it('warnings are told once for each configuration', () => {
  const warnings = [problem('doubtful', { severity: 'warning' })];
  report.doubts(warnings, loaded());
  report.doubts(warnings, loaded());
  expect(lines).toEqual([expect.stringMatching(/^warn plumbline\.yaml:2:3 warning a\[0\]\.b: doubtful/)]);
});
