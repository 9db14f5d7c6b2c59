import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { fakeDeps } from '../../../test/kit/exchange.ts';
import { TestIssuer, sending, startKeyServer } from '../../../test/kit/issuer.ts';
import { until } from '../../../test/kit/until.ts';
import { fetchedKeys } from './jwks.ts';

it('shows the keys in use until the last set of an address is closed: a reload that changes its query opens one before it closes the other', async () => {
  await using server = await startKeyServer(sending(await new TestIssuer().keySet('a')));
  const clock = new FakeClock();
  const { meter, logger } = fakeDeps();
  const keys = fetchedKeys({ clock, timers: clock, meter, logger, version: '1' });
  const old = keys.open(`${server.jwks}?version=1`);
  const next = keys.open(`${server.jwks}?version=2`);
  await until(() => meter.value('jwks_fetches_total', { outcome: 'fetched' }) === 2, 'both to be fetched');
  old[Symbol.dispose]();
  expect(meter.series('jwks_keys')).toEqual({ [`jwks=${server.jwks}`]: 1 });
  next[Symbol.dispose]();
  expect(meter.series('jwks_keys')).toEqual({});
});
