import { checkAnswer } from '../../faults/live/check-promised.ts';
import { OPENAPI } from '../../faults/live/configurations.ts';
import type { Promised } from '../../faults/live/fault.ts';
import { HEALTHY } from '../../faults/live/upstream.ts';
import { World } from '../../faults/live/world.ts';
import type { PlayedConnection } from '../../faults/played-connection.ts';
import { pass } from '../../kit/timing.ts';
import { until } from '../../kit/until.ts';
import type { Act, Row } from './row.ts';

/** @returns what is wrong, in words; nothing: all is as the row says. */
export function playRow(row: Row): Promise<string[]> {
  return World.with(
    { policies: row.policies, openapi: row.contract === true ? OPENAPI : undefined, script: () => HEALTHY },
    async (world) => {
      world.upstream.queue.push(...row.upstream);
      const wrong: string[] = [];
      const clients = new Map<string, PlayedConnection>();
      for (const [i, act] of row.acts.entries()) wrong.push(...(await play(world, clients, act)).map((text) => `act ${i + 1}: ${text}`));
      await world.idle();
      const { requests } = world.upstream.requests('/f/');
      if (requests.length !== row.asked) wrong.push(`the upstream was asked ${requests.length} times, not ${row.asked}`);
      const metrics = await world.gateway.metrics();
      for (const [text, wanted] of Object.entries(row.metrics)) {
        const is = metrics.value(...series(text));
        if (is !== wanted) wrong.push(`${text} is ${is}, not ${wanted}`);
      }
      const { wrong: left, lines } = await world.remains(row.log.length);
      const told = lines.map(({ status, code }) => `${status} ${code}`.trim());
      if (told.join() !== row.log.join()) wrong.push(`the log says ${told.join(', ')}, not ${row.log.join(', ')}`);
      return [...wrong, ...left];
    },
  );
}

async function play(world: World, clients: Map<string, PlayedConnection>, act: Act): Promise<string[]> {
  if ('ask' in act) return checkAnswer(await world.ask(act.ask), act.gets);
  if ('send' in act) clients.set(act.as, await world.client([['send', act.send]]));
  else if ('as' in act) return heard(world, clients.get(act.as) as PlayedConnection, act.gets);
  else if ('nothing' in act) return checkNothing(clients.get(act.nothing) as PlayedConnection);
  else if ('leaves' in act) clients.get(act.leaves)?.socket.end();
  else if ('await' in act) await world.signals.awaited(act.await);
  else if ('tell' in act) world.signals.tell(act.tell);
  else if ('pass' in act) await pass(act.pass);
  else await until(async () => (await world.metric(act.until)) === act.is, `${act.until} to be ${act.is}`);
  return [];
}

async function heard(world: World, client: PlayedConnection, promised: Promised): Promise<string[]> {
  const { answers } = await world.hear(client, 1);
  return checkAnswer(answers[0], promised);
}

function checkNothing({ received }: PlayedConnection): string[] {
  return received.length === 0 ? [] : [`it has got ${JSON.stringify(received.toString('latin1', 0, 200))}`];
}

/** `name{label=value,…}` */
function series(text: string): [string, Record<string, string>] {
  const [, name = '', labels = ''] = /^([a-z_]+)(?:\{(.*)\})?$/.exec(text) ?? [];
  const pairs = labels === '' ? [] : labels.split(',').map((pair) => pair.split('=') as [string, string]);
  return [`plumbline_${name}`, Object.fromEntries(pairs)];
}
