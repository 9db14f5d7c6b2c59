import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contractSource } from '../../src/adapters/contract-source.ts';
import { loadContract } from '../../src/contracts/registry.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'plumbline-contract-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('loads a contract of several files from disk', async () => {
  await writeFile(join(dir, 'schemas.yaml'), 'Thing: { type: object, required: [name] }');
  const uri = join(dir, 'api.yaml');
  await writeFile(
    uri,
    `openapi: 3.1.0
info: { title: T, version: 2.0.0 }
paths:
  /things: { post: { requestBody: { content: { application/json: { schema: { $ref: schemas.yaml#/Thing } } } }, responses: { 200: { description: a } } } }
`,
  );
  const { contract, problems, files } = await loadContract('openapi', {
    name: 't',
    uri,
    basePath: 'auto',
    formats: 'assert',
    ...contractSource(),
  });
  expect(problems).toEqual([]);
  expect(contract?.version).toBe('2.0.0');
  expect(files).toEqual([uri, join(dir, 'schemas.yaml')]);
});
