import { describe, expect, it } from 'vitest';
import { RecordingLog } from '../../test/kit/log.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { DEFAULT_SETTINGS } from '../inject/settings.ts';
import { SettingsInForce, readSettings } from './settings-in-force.ts';

const problems = (text: string): readonly string[] => {
  const read = readSettings(text);
  return 'problems' in read ? read.problems : [];
};

describe('settings are read', () => {
  it.each(['', '{}', '# nothing\n', '---\n'])('from %j: the defaults', (text) => {
    expect(readSettings(text)).toEqual({ settings: { inject: DEFAULT_SETTINGS, onRefused: 'allow' } });
  });

  it('as YAML and as JSON', () => {
    const expected = { settings: { inject: { ...DEFAULT_SETTINGS, enforce: 'request', owner: 'billing' }, onRefused: 'deny' } };
    expect(readSettings('enforce: request\nowner: billing\nonRefused: deny\n')).toEqual(expected);
    expect(readSettings('{"enforce":"request","owner":"billing","onRefused":"deny"}')).toEqual(expected);
  });
});

describe('it is said what is wrong', () => {
  it.each<[string, string, RegExp]>([
    ['no YAML', 'a: [', /flow/i],
    ['a key that is there twice', 'log: off\nlog: stdout\n', /unique/],
    ['a list', '- a', /no mapping/],
    ['a text', 'enforce', /no mapping/],
    ['an unknown key', 'imagee: x', /imagee.*did you mean image/],
    ['an unknown value of onRefused', 'onRefused: block', /onRefused: takes allow or deny/],
    ['aliases without end', bomb(), /alias/i],
    ['an alias of nothing', 'image: *x', /alias/i],
  ])('%s', (_, text, expected) => {
    expect(problems(text).join('\n')).toMatch(expected);
  });

  it('all at once, but not without end', () => {
    expect(problems('onRefused: x\nlog: y\nenforce: z\n')).toHaveLength(3);
    expect(problems(Array.from({ length: 100 }, (_, i) => `k${i}: 1`).join('\n'))).toHaveLength(20);
  });
});

function bomb(): string {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  return lines.join('\n');
}

describe('settings in force', () => {
  const bytes = (text: string) => ({ bytes: Buffer.from(text) });

  it('are the newest that could be used', () => {
    const [meter, logger] = [new RecordingMeter(), new RecordingLog()];
    const settings = new SettingsInForce({ file: '/s.yaml', meter, logger });
    const success = (): number => meter.value('injector_settings_reload_success');
    expect(() => settings.current).toThrow('before there are any');
    settings.read({ fault: 'cannot read /s.yaml: no such file' });
    expect([settings.fault, success(), logger.entries]).toEqual(['/s.yaml: cannot read /s.yaml: no such file', 0, []]);
    settings.read(bytes('log: off'));
    expect([settings.current.inject.log, settings.fault, success()]).toEqual(['off', undefined, 1]);
    settings.read(bytes('log: on'));
    expect([settings.current.inject.log, success()]).toEqual(['off', 0]);
    expect(logger.lines.at(-1)).toMatch(/^error the settings cannot be used; those before stay in force/);
    settings.read(bytes('log: stdout'));
    expect([settings.current.inject.log, settings.fault, success()]).toEqual(['stdout', undefined, 1]);
  });
});
