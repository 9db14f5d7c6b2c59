import { describe, expect, it } from 'vitest';
import { invalid, violation } from '../../../test/kit/contract.ts';
import { judged } from '../../../test/kit/contract-stage.ts';
import { fakeOperation } from '../../../test/kit/contract.ts';
import { answerOf } from '../../../test/kit/exchange.ts';
import { MAX_VIOLATIONS, type Outcome, VALID, type Violation } from '../../core/contract.ts';
import { Issues } from '../../core/schema.ts';
import { contractSchema } from './config.ts';
import { Ignored, VALID_BUT_IGNORED } from './ignored.ts';

const ignored = new Ignored(['/healthz', 'header:X-Legacy', 'query:utm_source', 'cookie:session', 'path:id', 'query:a/b~c']);
const broken = (location: Violation['location'], pointer: string): Partial<Violation> => ({ location, pointer });
const left = (...violations: readonly Partial<Violation>[]): Outcome => ignored.without(invalid(...violations));

describe('CP-2: ignored headers and parameters', () => {
  it.each<readonly [location: Violation['location'], pointer: string]>([
    ['header', '/X-Legacy'],
    ['header', '/x-LEGACY'],
    ['header', '/X-Legacy/0'],
    ['query', '/utm_source'],
    ['query', '/utm_source/3/a'],
    ['query', '/a~1b~0c'],
    ['cookie', '/session'],
    ['path', '/id'],
  ])('CP-2: in %s %s: nothing is a finding', (location, pointer) => {
    expect(left(broken(location, pointer))).toBe(VALID_BUT_IGNORED);
  });

  it.each<readonly [location: Violation['location'], pointer: string]>([
    ['header', '/X-Legacy-2'],
    ['header', '/utm_source'],
    ['query', '/UTM_SOURCE'],
    ['query', '/id'],
    ['cookie', '/Session'],
    ['body', '/id'],
    ['security', ''],
    ['media_type', ''],
  ])('CP-2: in %s %s: it is', (location, pointer) => {
    const outcome = invalid(broken(location, pointer));
    expect(ignored.without(outcome)).toBe(outcome);
  });

  it('CP-2: what else is broken stays', () => {
    expect(left(broken('query', '/limit'), broken('header', '/x-legacy'), broken('query', '/page'))).toEqual(
      invalid(broken('query', '/limit'), broken('query', '/page')),
    );
  });

  it('CP-2: what else could not be judged is not called right', () => {
    const outcome: Outcome = { is: 'invalid', violations: [violation(broken('query', '/utm_source'))], skipped: 'unsupported' };
    expect(ignored.without(outcome)).toEqual({ is: 'skipped', reason: 'unsupported' });
    const full = Array.from({ length: MAX_VIOLATIONS }, (_, i) => broken('query', `/utm_source/${i}`));
    expect(left(...full)).toEqual({ is: 'skipped', reason: 'too_large' });
  });

  it('CP-2: verdicts of all kinds pass where nothing is ignored', () => {
    const outcome = invalid(broken('query', '/utm_source'));
    expect(new Ignored(['/healthz']).without(outcome)).toBe(outcome);
    expect(ignored.without(VALID)).toBe(VALID);
  });

  const config = { ignore: ['header:X-Legacy'] };
  const operation = () =>
    fakeOperation({
      looksAtRequest: false,
      looksAtResponse: false,
      requestHead: invalid(broken('header', '/X-Legacy')),
      responseHead: invalid({ side: 'response', ...broken('header', '/x-legacy') }),
    });

  it('CP-2: in report nothing is counted or told', () => {
    const { answered, finish, violations, checks, deps } = judged({ config, operation: operation() });
    answered(answerOf(200));
    finish();
    expect([violations(), deps.findings, Object.keys(checks()).filter((key) => key.includes('=valid'))]).toHaveLength(3);
    expect([violations(), deps.findings]).toEqual([0, []]);
  });

  it('CP-2: in enforce nothing is refused', async () => {
    const { request, respond } = judged({ config: { ...config, request: 'enforce', response: 'enforce' }, operation: operation() });
    expect(await request()).toBeUndefined();
    const answer = answerOf(200);
    expect(await respond(answer)).toBe(answer);
  });
});

describe('the setting', () => {
  const problems = (ignore: unknown): string[] => {
    const issues = new Issues();
    contractSchema.parse({ ignore }, [], issues);
    return issues.list.map(({ code, path }) => `${code} ${path.join('/')}`);
  };

  it('takes paths and names', () => {
    expect(problems(['/healthz', 'header:X-A', 'query:a b', 'query:filter[x]', 'cookie:c', 'path:id'])).toEqual([]);
  });

  it.each(['healthz', 'body:/a', 'header:', 'header: X-A', 'Header:X-A', '', 7, '/a?b'])('refuses %j', (entry) => {
    expect(problems([entry])).toEqual([expect.stringMatching(/ ignore\/0$/)]);
  });
});
