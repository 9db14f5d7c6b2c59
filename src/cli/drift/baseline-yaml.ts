import { stringify } from 'yaml';
import { printable } from '../../core/schema/show.ts';
import type { FindingItem } from '../../core/views.ts';

/**
 * A file for `contracts.<name>.baseline`: findings that are known and accepted. Beside the id, which counts, stands what people review it by, as a terminal may show it. In the order of the ids, so that a new run
 * changes only what has changed.
 */
export function baselineYaml(items: readonly FindingItem[]): string {
  const findings = [...items]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, kind, operation, pointer, name, acknowledgement }) => ({
      id,
      kind,
      operation: printable(operation),
      ...(pointer !== '' && { pointer: printable(pointer) }),
      ...(name !== '' && { name: printable(name) }),
      ...(acknowledgement !== undefined && acknowledgement.note !== '' && { note: acknowledgement.note }),
    }));
  return stringify({ findings }, { lineWidth: 0 });
}
