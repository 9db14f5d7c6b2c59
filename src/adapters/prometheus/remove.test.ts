import { expect, it } from 'vitest';
import { createPrometheus } from './prometheus.ts';

const info = { type: 'gauge', name: 'contract_info', help: 'x', labels: ['api', 'digest'] } as const;

function registry(lines = 5000) {
  const p = createPrometheus({ limits: { operations: 300, consumers: 50, versionsPerConsumer: 3, lines }, processMetrics: [] });
  const printed = async (): Promise<string[]> =>
    (await p.scrape(undefined)).body.split('\n').filter((line) => line.startsWith('plumbline_contract_info{'));
  return { family: p.meter.gauge(info), printed };
}

it('a series that was taken away is in no scrape, the others are, and it can come again from 0', async () => {
  const { family, printed } = registry();
  family.with('a', '1').set(1);
  family.with('a', '2').set(1);
  family.remove('a', '1');
  expect(await printed()).toEqual(['plumbline_contract_info{api="a",digest="2"} 1']);
  family.with('a', '1');
  expect(await printed()).toContain('plumbline_contract_info{api="a",digest="1"} 0');
});

it('one that is not there is nothing to take away', async () => {
  const { family, printed } = registry();
  family.with('a', '1').set(1);
  family.remove('a', '2');
  family.remove('b', '1');
  expect(await printed()).toHaveLength(1);
});

it('its line is free for another: a thousand versions fold nothing', async () => {
  const { family, printed } = registry(100);
  for (let version = 0; version < 1000; version++) {
    family.with('a', `v${version}`).set(1);
    if (version > 0) family.remove('a', `v${version - 1}`);
  }
  expect(await printed()).toEqual(['plumbline_contract_info{api="a",digest="v999"} 1']);
});
