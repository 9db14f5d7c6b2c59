import { describe, expect, test } from 'vitest';
import type { Edit, Path } from '../edit.ts';
import { type OpenText, editText, openText } from './open-text.ts';
import { locateYaml } from './yaml-located.ts';

function opened(text: string): OpenText {
  const open = openText(text);
  if ('fault' in open) throw new Error(open.fault.message);
  return open;
}

/** The text after the edits, or why there is none. */
function edited(text: string, edits: readonly Edit[], at: Path = []): string {
  const result = editText(opened(text), [{ at, edits }]);
  return 'text' in result ? result.text : `refused: ${result.refused.message}`;
}

const add = (path: Path, value: unknown): Edit => ({ op: 'add', path, value });
const replace = (path: Path, value: unknown): Edit => ({ op: 'replace', path, value });
const remove = (path: Path): Edit => ({ op: 'remove', path });

describe('block style', () => {
  test('a new key stands last, at the column of the others and below the comments that are theirs', () => {
    const text = 'spec:\n  a: 1 # one\n  # b: 2\n\n# about c\nc: 3\n';
    expect(edited(text, [add(['spec', 'd'], [{ x: 1 }])])).toBe('spec:\n  a: 1 # one\n  # b: 2\n  d:\n    - x: 1\n\n# about c\nc: 3\n');
  });

  test('lists are laid out as the nearest ones are: below their key, or not indented', () => {
    expect(edited('a:\n- 1\nb:\n  c: 2\n', [add(['l'], [1])])).toBe('a:\n- 1\nb:\n  c: 2\nl:\n- 1\n');
    expect(edited('a:\n    - 1\nb:\n    c: 2\n', [add(['b', 'l'], { m: [1] })])).toBe(
      'a:\n    - 1\nb:\n    c: 2\n    l:\n        m:\n            - 1\n',
    );
  });

  test('a comment at the column of a list that is not indented may be about the next key', () => {
    const text = 'a:\n- 1\n  # about 1\n# about b\nb: 2\n';
    expect(edited(text, [add(['a', 1], 2)])).toBe('a:\n- 1\n  # about 1\n- 2\n# about b\nb: 2\n');
  });

  test('items come before the one with their index, behind what belongs to the one before', () => {
    expect(edited('a:\n  - 1\n  # about 2\n  - 2\n', [add(['a', 1], 'x'), add(['a', 0], 'w')])).toBe(
      'a:\n  - w\n  - 1\n  - x\n  # about 2\n  - 2\n',
    );
  });

  test('an entry before the first of an item takes its place behind the dash', () => {
    expect(edited('- - b\n', [add([0, 0], 'a')])).toBe('- - a\n  - b\n');
  });

  test('an empty list or mapping becomes lines, and is empty again when they are gone', () => {
    const text = 'v: [] # none\nw: 1\n';
    const made = edited(text, [add(['v', 0], { a: 1 }), add(['v', 1], 'b')]);
    expect(made).toBe('v: # none\n  - a: 1\n  - b\nw: 1\n');
    expect(edited(made, [remove(['v', 1]), remove(['v', 0])])).toBe(text);
  });

  test('a key with nothing below it gets lines, and has nothing again', () => {
    const text = 'v: # none\nw: ~\n';
    const made = edited(text, [replace(['v'], { a: 'b' })]);
    expect(made).toBe('v: # none\n  a: b\nw: ~\n');
    expect(edited(made, [replace(['v'], null)])).toBe(text);
  });

  test('the word null is kept apart from nothing', () => {
    const made = edited('v: null\n', [replace(['v'], [1])]);
    expect(edited(made, [replace(['v'], null)])).toBe('v: null\n');
  });

  test('blank lines behind a block scalar are its own only with +', () => {
    expect(edited('a: |\n  x\n\n\nb: 1\n', [remove(['b'])])).toBe('a: |\n  x\n\n\n');
    expect(edited('a:\n  k: |\n    x\n\nb: 1\n', [add(['a', 'l'], 2)])).toBe('a:\n  k: |\n    x\n  l: 2\n\nb: 1\n');
    expect(edited('a:\n  k: |+\n    x\n\nb: 1\n', [add(['a', 'l'], 2)])).toBe('a:\n  k: |+\n    x\n\n  l: 2\nb: 1\n');
  });

  test('without a final line break there is none afterwards, with CRLF there is CRLF', () => {
    const made = edited('a: 1\r\nb:\r\n  c: 2', [add(['b', 'd'], 'x\ny\n'), add(['e'], 5)]);
    expect(made).toBe('a: 1\r\nb:\r\n  c: 2\r\n  d: |\r\n    x\r\n    y\r\ne: 5');
    expect(edited(made, [remove(['e']), remove(['b', 'd'])])).toBe('a: 1\r\nb:\r\n  c: 2');
  });

  test('scalars keep their quotes, their comments and what is around them', () => {
    const text = `a: "http" # x\nb: 'http'\nc:   http\n`;
    const edits = [replace(['a'], 'http-app'), replace(['b'], 'http-app'), replace(['c'], 'http-app')];
    expect(edited(text, edits)).toBe(`a: "http-app" # x\nb: 'http-app'\nc:   http-app\n`);
  });

  test('the first key of an item can go, what follows moves up', () => {
    expect(edited('- a: 1\n  b: 2\n', [remove([0, 'a'])])).toBe('- b: 2\n');
  });
});

describe('flow style', () => {
  test('entries are parted as the others are', () => {
    expect(edited('{a: [1,2], b: { c: d } }\n', [add(['a', 2], 'x y'), add(['b', 'e'], { f: [] })])).toBe(
      '{a: [1,2, "x y"], b: { c: d, e: {f: []} } }\n',
    );
    expect(edited('a: [\n    1, # one\n    2,\n  ]\n', [add(['a', 2], 3), add(['a', 0], 0)])).toBe(
      'a: [\n    0,\n    1, # one\n    2,\n    3,\n  ]\n',
    );
  });

  test('one that is taken out takes its comma along', () => {
    expect(edited('a: [1, 2, 3]\n', [remove(['a', 1])])).toBe('a: [1, 3]\n');
    expect(edited('a: [1, 2, 3]\n', [remove(['a', 2]), remove(['a', 1])])).toBe('a: [1]\n');
    expect(edited('a: [1, 2, 3]\n', [remove(['a', 0]), remove(['a', 0])])).toBe('a: [3]\n');
    expect(edited('a: [ 1, 2 ]\n', [remove(['a', 0]), remove(['a', 0])])).toBe('a: [  ]\n');
  });

  test('blanks between the brackets stay', () => {
    const made = edited('a: [ ]\nb: {\n  }\n', [add(['a', 0], 1), add(['b', 'c'], 1)]);
    expect(edited(made, [remove(['b', 'c']), remove(['a', 0])])).toBe('a: [ ]\nb: {\n  }\n');
  });
});

describe('JSON', () => {
  const list = { kind: 'List', items: [{ a: [], b: { c: 'é/' } }, { d: [1, 2] }] };

  test.each([2, 4, '\t'])('indented by %j it stays so', (indent) => {
    const text = JSON.stringify(list, null, indent);
    const made = edited(text, [add(['a', 0], { x: [1] }), add(['b', 'd'], 'q"')], ['items', 0]);
    const expected = { kind: 'List', items: [{ a: [{ x: [1] }], b: { c: 'é/', d: 'q"' } }, { d: [1, 2] }] };
    expect(made).toBe(JSON.stringify(expected, null, indent));
    expect(edited(made, [remove(['b', 'd']), remove(['a', 0])], ['items', 0])).toBe(text);
  });

  test('on one line it stays there', () => {
    const made = edited(JSON.stringify(list), [add(['d', 2], 3), add(['e'], { f: null })], ['items', 1]);
    expect(made).toBe(JSON.stringify({ kind: 'List', items: [list.items[0], { d: [1, 2, 3], e: { f: null } }] }));
  });

  test('numbers and escapes that nobody edits stay as they are', () => {
    const text = '{ "a" : 1.0e2, "b\\u0061" : "\\/\\ud83d\\ude00" , "c":[ ]}';
    expect(edited(text, [add(['c', 0], 1)])).toBe('{ "a" : 1.0e2, "b\\u0061" : "\\/\\ud83d\\ude00" , "c":[1 ]}');
    expect(edited(text, [remove(['ba'])])).toBe('{ "a" : 1.0e2 , "c":[ ]}');
  });
});

describe('what is refused', () => {
  test.each<[string, string, Edit, RegExp]>([
    ['below an alias', 'a: &x {b: 1}\nc: *x\n', add(['c', 'd'], 1), /is an alias \(\*x\)/],
    ['of an anchor that others use', 'a: &x {b: 1}\nc: *x\n', add(['a', 'd'], 1), /has the anchor &x: other places/],
    ['of what an anchor of others holds', 'a: &x {b: 1}\nc: *x\n', replace(['a', 'b'], 2), /has the anchor &x: other places/],
    ['of a merged key', 'a: &x {b: {}}\nc: {<<: *x}\n', add(['c', 'b', 'd'], 1), /has b from a merged mapping/],
    ['of a key that is there twice', 'a: 1\nb: 2\na: 3\n', replace(['a'], 2), /has the key a twice/],
    ['below a scalar', 'a: text\n', add(['a', 'b'], 1), /is no mapping and no list/],
    ['of a mapping without brackets', 'a: [b: 1]\n', add(['a', 0, 'c'], 1), /without braces/],
    ['of what names something', 'a: &x 1\nb: *x\n', remove(['a']), /has the anchor &x/],
    ['of what is not there', 'a: {}\n', remove(['a', 'b']), /has no key b/],
    ['of an item that is not there', 'a: []\n', replace(['a', 0], 1), /has no item 0/],
  ])('a change %s', (_, text, edit, reason) => {
    expect(edited(text, [edit])).toMatch(reason);
  });

  test('an anchor that nobody else uses is in nobody’s way, nor is an alias beside', () => {
    expect(edited('a: &x\n  b: 1\nc: &y 1\nd: *y\n', [add(['a', 'e'], 2), add(['f'], 3)])).toBe(
      'a: &x\n  b: 1\n  e: 2\nc: &y 1\nd: *y\nf: 3\n',
    );
  });

  test('a text that could not be read again', () => {
    expect(edited(`a: |\n  ${'x'.repeat(8_300_000)}\n`, [add(['b'], 'y'.repeat(100_000))])).toMatch(/would become one of more than 8 MiB/);
  });

  test('the place and the change are named', () => {
    const document = opened('kind: List\nitems:\n- a: &x {b: 1}\n- a: 1\n  c: *x\n');
    const refused = editText(document, [
      { at: ['items', 0], edits: [add(['z'], 1)] },
      { at: ['items', 1], edits: [add(['c', 'd'], 1)] },
    ]);
    expect(refused).toMatchObject({ refused: { change: 1, path: ['items', 1, 'c', 'd'], offset: document.text.indexOf('*x') } });
  });

  test.each<[string, string, RegExp]>([
    ['broken', 'a: [1\n', /not readable as YAML/],
    ['indented by tabs', 'a:\n\t- b\n', /Tabs are not allowed/],
    ['with an alias of nothing', 'a: *x\n', /\*x has no anchor before it/],
    ['that holds itself', 'a: &x [*x]\n', /\*x stands inside what it names/],
    ['with a list for a key', '? [a]\n: 1\n', /a key that is not a plain word/],
    ['that merges a number', 'a: 1\n<<: 2\n', /<< must name a mapping/],
    ['of brackets', '['.repeat(10_000), /nested too deep|not readable/],
    ['of many brackets', '['.repeat(100_000), /nested deeper than 200 levels/],
    ['of JSON brackets', `${'['.repeat(201)}${']'.repeat(201)}`, /nested deeper than 200 levels/],
    ['that is too long', `a: ${'x'.repeat(8_500_000)}`, /more than 8 MiB/],
    ['of dashes', `${'- '.repeat(300)}a\n`, /nested deeper than 200 levels/],
  ])('a text %s', (_, text, reason) => {
    const open = openText(text);
    expect('fault' in open && open.fault.message).toMatch(reason);
  });

  test('a text of too many words, before a tree is made of it', () => {
    const text = `a: [${'a-word, '.repeat(9000)}]`;
    expect(locateYaml(text, 'core', 1000)).toEqual({
      fault: { message: 'has more than 1000 words and signs in one document; split it', offset: expect.any(Number) },
    });
    expect(locateYaml(text)).toHaveProperty('root');
  });

  test.each([
    ['aliases', (name: string) => `[${Array(9).fill(name).join(', ')}]`],
    ['merge keys', (name: string) => `{${Array.from({ length: 9 }, (_, i) => `k${i}: {<<: ${name}, k: 1}`).join(', ')}}`],
  ])('%s that unfold without end, in no time', (_, unfold) => {
    const lines = Array.from({ length: 40 }, (_line, i) => `a${i}: &a${i} ${i === 0 ? '{x: 1}' : unfold(`*a${i - 1}`)}`);
    const open = openText(lines.join('\n'));
    expect('fault' in open && open.fault.message).toMatch(/its aliases unfold to more than/);
  });
});

test('values are those of YAML 1.2, with aliases and merge keys followed', () => {
  const { value } = opened(
    '%YAML 1.2\n--- # c\na: &a {x: 1, y: no}\nb: {<<: *a, y: 2}\nc: {<<: [{z: 1}, *a], "<<": q}\nd: *a\n"__proto__": {e: 0o17}\n',
  );
  expect(JSON.parse(JSON.stringify(value))).toEqual(
    JSON.parse('{"a":{"x":1,"y":"no"},"b":{"x":1,"y":2},"c":{"<<":"q","z":1,"x":1,"y":"no"},"d":{"x":1,"y":"no"},"__proto__":{"e":15}}'),
  );
});

test('an empty document has no value and no fault', () => {
  for (const text of ['', '---\n', '# only\n', '---\n...\n']) expect(opened(text).value).toBeNull();
});
