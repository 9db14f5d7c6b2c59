import { expect, test } from 'vitest';
import { farewell, render, type Scene } from './render.ts';
import { Breaches, summarise, type ViolationItem } from './summary.ts';

const metrics = `# HELP plumbline_requests_total Exchanges.
# TYPE plumbline_requests_total counter
plumbline_requests_total{direction="ingress",api="billing",operation="createPayment",method="POST",status_class="2xx",code="",origin="upstream"} 1200
plumbline_requests_total{direction="ingress",api="billing",operation="getPayment",method="GET",status_class="2xx",code="",origin="upstream"} 482
plumbline_consumer_requests_total{direction="ingress",api="billing",consumer="web-shop",consumer_version="2.3.1",status_class="2xx"} 1011
plumbline_consumer_requests_total{direction="ingress",api="billing",consumer="web-shop",consumer_version="2.3.1",status_class="4xx"} 3
plumbline_consumer_requests_total{direction="ingress",api="billing",consumer="mobile-app",consumer_version="5.0.2",status_class="2xx"} 400
plumbline_consumer_requests_total{direction="ingress",api="billing",consumer="legacy-batch",consumer_version="0.9",status_class="2xx"} 260
plumbline_consumer_requests_total{direction="ingress",api="billing",consumer="ops-\\"curl\\"",consumer_version="",status_class="2xx"} 8
plumbline_contract_checks_total{direction="ingress",api="billing",operation="createPayment",side="request",outcome="valid",reason=""} 1300
plumbline_contract_checks_total{direction="ingress",api="billing",operation="createPayment",side="request",outcome="invalid",reason=""} 382
plumbline_contract_checks_total{direction="ingress",api="billing",operation="createPayment",side="response",outcome="valid",reason=""} 1000
plumbline_contract_checks_total{direction="ingress",api="billing",operation="createPayment",side="response",outcome="invalid",reason=""} 680
plumbline_contract_checks_total{direction="ingress",api="billing",operation="createPayment",side="response",outcome="skipped",reason="stream"} 2
`;

let id = 0;
function violation(consumer: string, side: 'request' | 'response', rest: [string, string, string, string]): ViolationItem {
  const [name = '', version = ''] = consumer.split(' ');
  const [operation, location, rule, pointer] = rest;
  id += 1;
  return { id: `v${id}`, requestId: `r${id}`, operation, side, location, rule, pointer, consumer: { name, version } };
}

function scene(): Scene {
  const breaches = new Breaches();
  const add = (n: number, ...of: Parameters<typeof violation>): void => {
    for (let i = 0; i < n; i += 1) breaches.add(violation(...of));
  };
  add(61, 'mobile-app 5.0.2', 'request', ['createPayment', 'body', 'type', '/amount/value']);
  add(12, 'legacy-batch 0.9', 'request', ['_unmatched', 'route', 'undocumented_path', '']);
  add(7, 'legacy-batch 0.9', 'request', ['createPayment', 'body', 'additionalProperties', '/a_field_with_a_long_name/that/goes/on']);
  add(7, 'legacy-batch 0.9', 'request', ['createPayment', 'header', 'parameter_required', '/idempotency-key']);
  add(23, 'web-shop 2.3.1', 'response', ['getPayment', 'body', 'type', '/amount/value']);
  add(9, 'mobile-app 5.0.2', 'response', ['getPayment', 'body', 'type', '/amount/value']);
  add(4, 'web-shop 2.3.1', 'response', ['createPayment', 'status', 'undocumented_status', '']);
  return {
    summary: summarise(42_300, metrics, breaches),
    places: {
      observed: 'http://127.0.0.1:7080',
      enforced: 'http://127.0.0.1:7082',
      admin: 'http://127.0.0.1:7090',
      provider: 'http://127.0.0.1:40321',
    },
    driftingSinceMs: 6000,
    notes: ['Port 7080 was taken, so the gateway took another one.'],
  };
}

test.each([80, 120])('the summary at %i columns', async (width) => {
  const lines = render(scene(), { width, height: undefined, colours: 'off' });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`golden/summary-${width}.txt`);
});

test('before anything has happened', async () => {
  const empty: Scene = { ...scene(), summary: summarise(0, '', new Breaches()), driftingSinceMs: undefined, notes: [] };
  const lines = render(empty, { width: 80, height: undefined, colours: 'off' });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/summary-empty.txt');
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what is removed
const COLOURS = /\x1b\[\d+m/g;

test('colours change nothing but colours', () => {
  const plain = render(scene(), { width: 100, height: undefined, colours: 'off' });
  const colourful = render(scene(), { width: 100, height: undefined, colours: 'on' }).map((line) => line.replace(COLOURS, ''));
  expect(colourful).toEqual(plain);
});

test.each([0, 20, 60, 61, 79, 81, 200])('no line is wider than a window of %i columns, of 60 at least', (width) => {
  for (const line of render(scene(), { width, height: undefined, colours: 'off' })) {
    // A single word of a command is never broken.
    if (!/^ {2,3}(?:'|curl|-[dH] )/.test(line)) expect(line.length, line).toBeLessThanOrEqual(Math.max(width, 60));
  }
});

test.each([1, 5, 10, 18, 24, 30, 100])('no more lines than a window of %i has', (height) => {
  const lines = render(scene(), { width: 80, height, colours: 'off' });
  expect(lines.length).toBeLessThanOrEqual(height);
  expect(lines[0]).toContain('Plumbline');
});

test('in a small window every consumer is still there, with fewer of its violations', () => {
  const text = render(scene(), { width: 79, height: 19, colours: 'off' }).join('\n');
  for (const consumer of ['mobile-app 5.0.2', 'legacy-batch 0.9', 'ops-"curl"', 'web-shop 2.3.1']) expect(text).toContain(consumer);
  expect(text).toMatch(/✗ legacy-batch 0\.9 {2}260 requests {2}… 2 more\n {4}_unmatched .*\n {2}✓/);
});

test('one request is no plural', () => {
  const summary = summarise(0, 'plumbline_consumer_requests_total{consumer="curl",consumer_version="8"} 1\n', new Breaches());
  expect(render({ ...scene(), summary }, { width: 80, height: undefined, colours: 'off' })).toContain(
    '  ✓ curl 8  nothing wrong in 1 request',
  );
});

test('an exchange counts once for a rule, whatever the number of entries that break it', () => {
  const breaches = new Breaches();
  const one = violation('web-shop 1', 'response', ['listPayments', 'body', 'required', '/data/0/created_at']);
  expect(breaches.add(one)).toBe(true);
  expect(breaches.add(one)).toBe(false);
  expect(breaches.add({ ...one, id: 'other', pointer: '/data/1/created_at' })).toBe(true);
  expect(breaches.ofProvider()).toEqual([
    { operation: 'listPayments', location: 'body', rule: 'required', pointer: '/data/*/created_at', count: 1, consumers: ['web-shop 1'] },
  ]);
});

test('names from traffic cannot move the cursor', () => {
  const breaches = new Breaches();
  breaches.add(violation('evil\x1b[2J 1', 'response', ['op\x1b]0;x\x07', 'body', 'type', '/a\u202eb\r\n']));
  const summary = summarise(0, 'plumbline_consumer_requests_total{consumer="evil\x1b[2J",consumer_version="1"} 1\n', breaches);
  const text = render({ ...scene(), summary }, { width: 140, height: undefined, colours: 'off' }).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(text).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
  expect(text).toContain('evil');
});

test('the last lines have the totals', () => {
  expect(farewell(scene().summary)).toBe(
    'Stopped after 42 s: 1,682 exchanges, 3,362 requests and answers judged.\n' +
      '1,062 broke the contract: 2 of 4 consumers, 2 faults of the provider.',
  );
});
