import { readFileSync } from 'node:fs';
import { expect, describe, test } from 'vitest';
import type { ConfigurationName } from './configurations.ts';
import type { Fault, Group } from './fault.ts';
import { playFault } from './play-fault.ts';

const PAGE = new URL('../../../docs/reliability.md', import.meta.url);

/** One test for each fault of these groups in each configuration of which something is promised, and one that the page tells of all of them. */
export function suite(groups: readonly Group[]): void {
  const played = new Set<string>();
  for (const { title, faults } of groups) {
    describe(title, () => {
      test.each(faults.flatMap((fault) => configurationsOf(fault).map((name) => [fault.id, name, fault] as const)))(
        '%s, %s',
        async (id, name, fault) => {
          played.add(`${id}, ${name}`);
          expect(await playFault(fault, name)).toEqual([]);
        },
        30_000,
      );
    });
  }

  test('what was played is what docs/reliability.md lists, no more and no less', () => {
    expect([...played].sort()).toEqual(listed(readFileSync(PAGE, 'utf8'), groups).sort());
  });
}

function configurationsOf(fault: Fault): ConfigurationName[] {
  return Object.keys(fault.expect) as ConfigurationName[];
}

/** `id, configuration` of every row below the titles of these groups. */
function listed(page: string, groups: readonly Group[]): string[] {
  const sections = page.split('\n## ').filter((text) => groups.some(({ title }) => text.startsWith(`${title}\n`)));
  return sections.flatMap((text) =>
    [...text.matchAll(/^\|.*\| `([a-z0-9-]+)` \| (.*) \|$/gm)].flatMap(([, id, asserted = '']) =>
      [...asserted.matchAll(/\*\*([a-z, ]+)\*\*/g)].flatMap(([, names = '']) => names.split(', ').map((name) => `${id}, ${name}`)),
    ),
  );
}
