import type { OutcomeItem, OutcomePage } from '../core/views.ts';
import { adminClient } from './admin-client.ts';
import { given, isOn } from './flags.ts';
import { type Io, EXIT, UsageError, coloursFor } from './output.ts';
import { outcomesTable, stateOf } from './outcomes-table.ts';

type Flags = Readonly<Record<string, unknown>>;

const STATES = ['open', 'settled', 'all'];
const PAGE = 1000;
/** Ten times the longest ledger; a server that always knows of more is not believed. */
const MAX_PAGES = 100;

/** `plumbline outcomes`: what the ledger of a running gateway has, all pages of it, the newest first. Throws UsageError where it cannot be asked. */
export async function listOutcomes(flags: Flags, io: Io): Promise<number> {
  const state = given('--state', flags, io.env) ?? { value: 'open', origin: '--state' };
  if (!STATES.includes(state.value)) throw new UsageError(`${state.origin} takes open, settled or all, not ${JSON.stringify(state.value)}`);
  const api = given('--api', flags, io.env)?.value;
  const ask = await adminClient(flags, io);
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (state.value !== 'all') query.set('state', state.value);
  if (api !== undefined) query.set('api', api);
  const items: OutcomeItem[] = [];
  for (let page = 0; ; page++) {
    const { items: more, next } = (await ask('GET', `/api/outcomes?${query.toString()}`)) as OutcomePage;
    items.push(...more);
    if (next === null) break;
    if (page === MAX_PAGES) {
      io.stderr.write(`plumbline: there are more than these ${items.length}\n`);
      break;
    }
    query.set('after', next);
  }
  if (isOn(given('--json', flags, io.env)?.value)) io.stdout.write(`${JSON.stringify({ items }, null, 2)}\n`);
  else io.stdout.write(people(items, state.value, api, io));
  return EXIT.ok;
}

function people(items: readonly OutcomeItem[], state: string, api: string | undefined, { stdout, env }: Io): string {
  const of = api === undefined ? '' : ` of ${api}`;
  if (items.length === 0) return `no ${state === 'all' ? '' : `${state} `}outcomes${of}\n`;
  const width = stdout.isTTY === true ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
  return outcomesTable(items, { state: state === 'open' ? 'hidden' : 'shown', width, colours: coloursFor(stdout, env) });
}

/** `plumbline outcomes settle ID`. Throws UsageError where it cannot be asked, or there is no such outcome. */
export async function settleOutcome(id: string, flags: Flags, io: Io): Promise<number> {
  const as = given('--as', flags, io.env);
  if (!/^[\w-]+$/.test(id)) throw new UsageError(`${JSON.stringify(id)} is no id; plumbline outcomes lists them`);
  if (as === undefined) throw new UsageError('--as is needed: executed or not-executed');
  if (as.value !== 'executed' && as.value !== 'not-executed') {
    throw new UsageError(`${as.origin} takes executed or not-executed, not ${JSON.stringify(as.value)}`);
  }
  const note = given('--note', flags, io.env)?.value;
  const ask = await adminClient(flags, io);
  const body = { as: as.value.replace('-', '_'), ...(note !== undefined && { note }) };
  const item = (await ask('POST', `/api/outcomes/${encodeURIComponent(id)}/settle`, body)) as OutcomeItem;
  if (isOn(given('--json', flags, io.env)?.value)) io.stdout.write(`${JSON.stringify(item, null, 2)}\n`);
  else io.stdout.write(`${item.id} is settled: ${stateOf(item)}\n`);
  return EXIT.ok;
}
