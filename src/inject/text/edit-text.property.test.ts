import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Edit, type Path, applyEdits } from '../edit.ts';
import { type OpenText, editText, openText } from './open-text.ts';
import { sameValue } from './same-value.ts';
import { anyYaml } from './testing/any-yaml.ts';

const RUNS = { numRuns: 120 };

const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      8080,
      'http',
      '8080',
      'yes',
      '{"v":1}',
      "it's",
      '',
      ' a',
      'a: b',
      '# c',
      'one:\n  two\n\nthree\n',
      'x\n\n',
      '\ttab',
      'é\u2028',
      '---',
      '<<',
    ),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom('n', 'a', 'plumbline.dev/x', '8080', '? '), fc.string()), tie('value'), {
      maxKeys: 3,
      noNullPrototype: true,
    }),
  ),
})).value;

/** Places where something can be added: every collection, with how many children it has. */
function places(value: unknown, path: Path = []): { path: Path; items: number | undefined }[] {
  if (typeof value !== 'object' || value === null) return [];
  const here = { path, items: Array.isArray(value) ? value.length : undefined };
  return [here, ...Object.entries(value).flatMap(([key, child]) => places(child, [...path, Array.isArray(value) ? Number(key) : key]))];
}

const added = (open: OpenText, edits: readonly Edit[]): string | undefined => {
  const result = editText(open, [{ at: [], edits }]);
  return 'text' in result ? result.text : undefined;
};

const read = (text: string): OpenText | undefined => {
  const open = openText(text);
  return 'fault' in open ? undefined : open;
};

/** Up to four additions, each to what the ones before it have left, and what takes them away again, the last first. */
const anyEdits = (value: unknown) =>
  fc.gen().map((gen) => {
    const edits: Edit[] = [];
    let now = value;
    for (let left = gen(fc.integer, { min: 1, max: 4 }); left > 0; left -= 1) {
      const all = places(now);
      const { path, items } = all[gen(fc.nat, all.length - 1)] as (typeof all)[number];
      const part = items === undefined ? `new-${left}` : gen(fc.boolean) ? items : gen(fc.nat, items);
      const edit: Edit = { op: 'add', path: [...path, part], value: gen(() => anyValue) };
      edits.push(edit);
      now = applyEdits(now, [edit]);
    }
    const undo = edits.toReversed().map(({ path }): Edit => ({ op: 'remove', path }));
    return { edits, undo };
  });

test('what was added and is taken away again leaves the same bytes, and nothing else in the text moves', () => {
  const seen = { texts: 0, unreadable: 0, refused: 0 };
  fc.assert(
    fc.property(
      anyYaml.chain((text) => {
        const open = read(text);
        return fc.tuple(fc.constant(text), open === undefined ? fc.constant(undefined) : anyEdits(open.value));
      }),
      ([text, plan]) => {
        seen.texts += 1;
        const open = read(text);
        if (open === undefined || plan === undefined) {
          seen.unreadable += 1;
          return;
        }
        const changed = added(open, plan.edits);
        if (changed === undefined) {
          seen.refused += 1;
          return;
        }
        const again = read(changed) as OpenText;
        expect(sameValue(again.value, applyEdits(open.value, plan.edits))).toBe(true);
        expect(commentsOf(changed, plan.edits)).toEqual(commentsOf(text, []));
        expect(added(again, plan.undo)).toBe(text);
      },
    ),
    RUNS,
  );
  expect(seen.unreadable / seen.texts).toBeLessThan(0.2);
  expect(seen.refused / seen.texts).toBeLessThan(0.1);
}, 60_000);

/** Lines that are comments and that none of the values brought along. */
function commentsOf(text: string, edits: readonly Edit[]): string[] {
  const brought = JSON.stringify(edits);
  return text.split(/\r?\n/).filter((line) => /^\s*# (?:own|deeper|far|end)/.test(line) && !brought.includes(line));
}
