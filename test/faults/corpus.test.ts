/** The case files themselves: all can be read, none says what another says already. */
import { expect, test } from 'vitest';
import { loadAnswers, loadRequests, parseAnswers, parseRequests } from './corpus.ts';

const REQUESTS = loadRequests();
const ANSWERS = loadAnswers();

function twice(texts: readonly string[]): string[] {
  return texts.filter((text, i) => texts.indexOf(text) !== i);
}

test('there are at least 200 requests and 60 answers', () => {
  expect(REQUESTS.length).toBeGreaterThanOrEqual(200);
  expect(ANSWERS.length).toBeGreaterThanOrEqual(60);
});

test('every name is there once', () => {
  expect(twice(REQUESTS.map(({ name }) => name))).toEqual([]);
  expect(twice(ANSWERS.map(({ name }) => name))).toEqual([]);
});

test('no two cases send the same bytes to the same gateway', () => {
  const request = ({ send, leaves, config }: (typeof REQUESTS)[number]) => [send.toString('latin1'), leaves, config];
  const answer = ({ request, answer, late, end, config }: (typeof ANSWERS)[number]) =>
    [request, answer, late].map((bytes) => bytes.toString('latin1')).concat(end, JSON.stringify(config));
  expect(twice(REQUESTS.map((one) => JSON.stringify(request(one))))).toEqual([]);
  expect(twice(ANSWERS.map((one) => JSON.stringify(answer(one))))).toEqual([]);
});

const GOOD = '=== a\nrule: r\n--- send\nGET / HTTP/1.1\nHost: x\n\n--- client\n200\nkept\n';

test('a case is read as it is written', () => {
  const text = `# comment\nconfig: {"listener": {}}\n${GOOD.replace('Host: x', 'A: {{b\\t*3}}\\x41\\\\\\r\\\nB').replace('--- client', '--- upstream maybe\nGET / HTTP/1.1\nX: 1\n!Y\n\nbody\\\n--- client')}`;
  expect(parseRequests(text)).toMatchObject([
    {
      file: 'requests/x.txt',
      name: 'a',
      config: { listener: {} },
      send: Buffer.from('GET / HTTP/1.1\r\nA: b\tb\tb\tA\\\rB\r\n\r\n'),
      upstream: [{ mode: 'maybe', line: 'GET / HTTP/1.1', fields: ['X', '1'], absent: ['y'], body: Buffer.from('body') }],
      client: [{ status: 200, code: undefined }],
      after: 'kept',
      leaves: 'no',
    },
  ]);
});

test.each([
  ['the rule', GOOD.replace('rule: r\n', ''), /:1: "a" names no rule/],
  ['a key that is not known', GOOD.replace('rule', 'rul'), /:2: no key is called rul/],
  ['a key without a value', GOOD.replace('rule: r', 'rule:'), /:2: neither a key nor a comment/],
  ['a section that is not known', GOOD.replace('--- send', '--- sent'), /:3: no section is called sent/],
  ['a line that is nearly a section', GOOD.replace('GET', '----'), /:4: neither/],
  ['two sections send', GOOD.replace('--- client', '--- send\n--- client'), /:1: "a" has 2 sections send/],
  ['no section client', GOOD.slice(0, GOOD.indexOf('--- client')), /:1: "a" has no section client/],
  ['a section behind client', `${GOOD}--- upstream\nGET / HTTP/1.1\n`, /:1: the last section is not client/],
  ['an escape that is not known', GOOD.replace('Host', '\\q'), /:3: no such escape/],
  ['half an escape', GOOD.replace('Host', '\\x4'), /:3: no such escape/],
  ['half a repetition', GOOD.replace('Host', '{{a*'), /:3: no repetition/],
  ['a repetition that is too large', GOOD.replace('Host', '{{abcdefghij*999999}}'), /:3: a repetition is too large/],
  ['a code that is not known', GOOD.replace('200', '400 BAD'), /:7: no such code: BAD/],
  ['no word on the connection', GOOD.replace('\nkept', ''), /:7: the last line of client/],
  ['an answer for who is gone', GOOD.replace('kept', 'gone'), /:7: gone is for clients/],
  ['a configuration that is no JSON', GOOD.replace('rule: r', 'rule: r\nconfig: {'), /:1: config is no JSON/],
  ['a request line that is none', GOOD.replace('--- client', '--- upstream\nGET /\n--- client'), /:7: the first line of upstream/],
  [
    'an upstream mode that is not known',
    GOOD.replace('--- client', '--- upstream never\nGET / HTTP/1.1\n--- client'),
    /:7: upstream never/,
  ],
  ['a value that is not allowed', GOOD.replace('rule: r', 'rule: r\nleaves: now'), /:1: leaves is now/],
  ['a CR', GOOD.replace('Host: x', 'Host: x\r'), /:5: a CR/],
  ['no end of the last line', GOOD.slice(0, -1), /:9: the last line is not ended/],
  ['no case', '# nothing\n', /:1: no case/],
])('%s is a fault that names its place', (_, text, fault) => {
  expect(() => parseRequests(text)).toThrow(fault);
});

test('the request of an answer’s case has a place for its number', () => {
  const text = '=== a\nrule: r\n--- request\nGET / HTTP/1.1\n\n--- answer\n--- client\n200\nkept\n';
  expect(() => parseAnswers(text)).toThrow(/:1: the request does not hold \/case once/);
});
