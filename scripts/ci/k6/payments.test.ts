import { expect, test } from 'vitest';
import { startPayments } from './payments.ts';

test('it pays as often as it is asked, whatever the key, and says how often', async () => {
  const payments = await startPayments(1);
  try {
    const pay = async (key: string): Promise<unknown> => {
      const answer = await fetch(`${payments.url}/v1/payments`, { method: 'POST', headers: { 'idempotency-key': key }, body: '{}' });
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { readonly id: string }).id;
    };
    const ids = [await pay('a'), await pay('a'), await pay('b')];
    expect(new Set(ids).size).toBe(3);
    expect([...payments.made]).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
  } finally {
    await payments.close();
  }
});
