import type { FindingItem } from '../../core/views.ts';
import { adminClient } from '../admin-client.ts';
import { given, isOn } from '../flags.ts';
import { EXIT, type Io, UsageError } from '../output.ts';

/** `plumbline drift acknowledge ID`: silences one finding. Throws UsageError where it cannot be asked, or there is no such finding. */
export async function acknowledgeFinding(id: string, flags: Readonly<Record<string, unknown>>, io: Io): Promise<number> {
  if (!/^[0-9a-f]{16}$/.test(id)) throw new UsageError(`${JSON.stringify(id)} is no id; plumbline drift report lists them`);
  const note = given('--note', flags, io.env)?.value ?? '';
  const ask = await adminClient(flags, io);
  const item = (await ask('POST', `/api/findings/${id}/acknowledge`, { note })) as FindingItem;
  if (isOn(given('--json', flags, io.env)?.value)) io.stdout.write(`${JSON.stringify(item, null, 2)}\n`);
  else
    io.stdout.write(
      `${item.id} is acknowledged: ${item.kind.replaceAll('_', ' ')} ${item.name}`.trimEnd().concat(` of ${item.operation}\n`),
    );
  return EXIT.ok;
}
