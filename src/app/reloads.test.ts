import { expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { FixedRandom } from '../../test/kit/random.ts';
import type { Parsed } from '../config/parse.ts';
import type { SettingsSource } from '../config/source.ts';
import { Contracts } from './contracts.ts';
import type { Generations } from './generations.ts';
import { Reloads } from './reloads.ts';

const sections = { reload: { watch: false } };
const SETTINGS = settingsOf({ upstream: 1, sections }, '/');
const OTHER = settingsOf({ upstream: 2, sections }, '/');

/** Reloads of a configuration without contracts, read when a test says so. */
async function reloading() {
  const readings: PromiseWithResolvers<Parsed>[] = [];
  const meter = new RecordingMeter();
  const taken: string[] = [];
  const messages: string[] = [];
  const log = (_: object, message: string): void => void messages.push(message);
  const logger = { info: log, warn: log, error: log };
  const contracts = new Contracts(new FakeClock(), meter, logger);
  const source: SettingsSource = {
    files: [],
    read: () => {
      const reading = Promise.withResolvers<Parsed>();
      readings.push(reading);
      return reading.promise;
    },
  };
  const generations = { number: 1, take: async () => true, listeners: { inForce: [] } } as unknown as Generations;
  const parts = {
    source,
    contracts,
    generations,
    timers: new FakeClock(),
    random: new FixedRandom(),
    logger,
    meter,
    onTaken: ({ routes }: typeof SETTINGS) => void taken.push(routes[0]?.upstream.url ?? ''),
  };
  const reloads = new Reloads(parts, SETTINGS, await contracts.load(SETTINGS, 'whole'));
  return { reloads, readings, taken, messages, meter };
}

const fine = (settings: typeof SETTINGS): Parsed => ({ settings, problems: [] });

it('a reading that is asked for while one runs begins when that is over, once for all who asked', async () => {
  const { reloads, readings, taken } = await reloading();
  const first = reloads.ask('change');
  const others = [reloads.ask('signal'), reloads.ask('change')];
  expect(readings).toHaveLength(1);
  readings[0]?.resolve(fine(SETTINGS));
  await expect.poll(() => readings.length).toBe(2);
  readings[1]?.resolve(fine(OTHER));
  await Promise.all([first, ...others]);
  expect([readings.length, taken]).toEqual([2, ['http://127.0.0.1:2']]);
});

it('a reading that runs when all stops changes nothing any more, and none follows', async () => {
  const { reloads, readings, taken } = await reloading();
  const running = reloads.ask('change');
  void reloads.ask('signal');
  reloads.stop();
  readings[0]?.resolve(fine(OTHER));
  await running;
  await reloads.ask('signal');
  expect([readings.length, taken]).toEqual([1, []]);
});

it('a fault of our own in one reading is logged, and the next is made', async () => {
  const { reloads, readings, taken, messages, meter } = await reloading();
  const first = reloads.ask('change');
  readings[0]?.reject(new Error('planted'));
  await first;
  expect([messages, meter.value('config_reload_success')]).toEqual([['internal error in a reload; what was in force stays'], 0]);
  const second = reloads.ask('change');
  readings[1]?.resolve(fine(OTHER));
  await second;
  expect([taken, meter.value('config_reload_success')]).toEqual([['http://127.0.0.1:2'], 1]);
});
