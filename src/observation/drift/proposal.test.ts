import { expect, it } from 'vitest';
import { DRIFT_KINDS } from '../../core/drift.ts';
import { proposalFor } from './proposal.ts';

const SUBJECT = {
  side: 'response',
  location: 'query',
  operation: 'getUser',
  pointer: '/users/*/nick',
  specPointer: '/components/schemas/User',
  name: 'nick',
  evidence: { types: ['string'], formats: ['uuid'], values: [] },
} as const;

it.each(DRIFT_KINDS)('%s: one sentence, that names a place or who is to act', (kind) => {
  for (const name of ['nick', '', '_other'])
    for (const evidence of [SUBJECT.evidence, { types: [], formats: [], values: [] }]) {
      const said = proposalFor({ ...SUBJECT, kind, name, evidence });
      expect(said).toMatch(/^[a-z][^\n]{15,200}$/);
      expect(said).not.toMatch(/undefined|``| {2}|\(\)|_other/);
    }
});

it.each([
  ['undocumented_field', {}, 'declare `nick` (string, uuid) in /components/schemas/User'],
  ['undocumented_parameter', {}, 'declare the query parameter `nick` (string, uuid) in /components/schemas/User'],
  ['undocumented_status', { name: '418' }, 'declare the status `418` in /components/schemas/User'],
  ['type', { pointer: '' }, 'allow string at the root in /components/schemas/User'],
  ['undocumented_enum_value', {}, 'add the value seen at /users/*/nick to the enumeration in /components/schemas/User'],
  [
    'undocumented_enum_value',
    { evidence: { types: [], formats: [], values: ['"x"'] } },
    'add "x" to the enumeration in /components/schemas/User',
  ],
  ['valid_refused', { name: '422' }, 'declare what `getUser` refuses with `422`: its requests are valid by the contract'],
] as const)('%s: %j', (kind, more, expected) => {
  expect(proposalFor({ ...SUBJECT, ...more, kind })).toBe(expected.replace('`422`', kind === 'valid_refused' ? '422' : '`422`'));
});
