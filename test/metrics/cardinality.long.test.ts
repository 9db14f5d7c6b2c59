import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { contractOf } from '../../src/contracts/openapi/testing.ts';
import { holdsRules } from './cardinality-rules.ts';

vi.setConfig({ testTimeout: 120_000 }); // thirteen megabytes of contract

test('GitHub’s contract and 10,000 consumers stay within the lines of a scrape, and nothing is lost', async () => {
  const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
  const contract = await contractOf(JSON.parse(readFileSync(file, 'utf8')), { name: 'github', basePath: 'none' });
  expect(contract.operations).toHaveLength(1223);
  const targets = contract.operations.map(({ method, template }) => ({ method, path: template.replace(/\{[^}]*\}/g, '1') }));
  await holdsRules(contract, targets);
});
