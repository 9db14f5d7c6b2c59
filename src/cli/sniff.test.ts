import { expect, test } from 'vitest';
import { looksLikeContract } from './sniff.ts';

test.each([
  ['openapi: 3.1.0\ninfo: {}', true],
  ['# a comment\n---\ninfo: {}\n"openapi": "3.0.3"\n', true],
  ['swagger: "2.0"', true],
  ['{"openapi":"3.0.3","info":{}}', true],
  ['\n{\n  "info": {},\n  "openapi" : "3.1.0"\n}', true],
  [`{"paths":{${'"/x":{},'.repeat(20_000)}"/y":{}},"openapi":"3.0.0"}`, true],
  ['listeners: {}\nroutes: []', false],
  ['contracts:\n  billing:\n    openapi: billing.yaml\n', false],
  ['{"contracts":{"billing":{"openapi":"billing.yaml"}},"routes":[]}', false],
  ['', false],
])('%#', (text, expected) => {
  expect(looksLikeContract(text)).toBe(expected);
});
