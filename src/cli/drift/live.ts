import type { FindingItem, FindingPage } from '../../core/views.ts';
import { type AskAdmin, adminClient } from '../admin-client.ts';
import { type Io, UsageError } from '../output.ts';

type Flags = Readonly<Record<string, unknown>>;

const PAGE = 1000;
/** Ten times the most that a gateway keeps; a server that always knows of more is not believed. */
const MAX_PAGES = 50;

/** Every finding of a running gateway. Throws UsageError where it cannot be asked. */
export async function liveFindings(flags: Flags, io: Io, filter: Readonly<Record<string, string>>): Promise<readonly FindingItem[]> {
  const ask: AskAdmin = await adminClient(flags, io);
  const query = new URLSearchParams({ ...filter, limit: String(PAGE) });
  const items: FindingItem[] = [];
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await ask('GET', `/api/findings?${query.toString()}`);
    if (!isPage(page)) throw new UsageError('the answer is no list of findings: --admin leads to something else');
    const { items: more, next } = page;
    items.push(...more);
    if (next === null) return items;
    query.set('after', next);
  }
  io.stderr.write(`plumbline: there are more than these ${items.length}\n`);
  return items;
}

function isPage(answer: unknown): answer is FindingPage {
  const { items, next } = answer as Partial<FindingPage>;
  return Array.isArray(items) && (next === null || typeof next === 'string');
}
