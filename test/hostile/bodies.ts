import { type HostileBody, times } from './body-parts.ts';
import { LIST_BODIES } from './list-bodies.ts';
import { VALUE_BODIES } from './value-bodies.ts';

export type { HostileBody } from './body-parts.ts';

export const COMPONENTS = {
  schemas: {
    Integer: { type: 'integer' },
    Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } },
    Lists: { type: 'array', items: { $ref: '#/components/schemas/Lists' } },
    // At each level two ways that both go down: 2^depth, if nobody counts.
    Ways: {
      anyOf: [
        { type: 'object', required: ['never'], properties: { a: { $ref: '#/components/schemas/Ways' } } },
        { type: 'object', properties: { a: { $ref: '#/components/schemas/Ways' } }, minProperties: 2 },
        { type: 'string' },
      ],
    },
    ...Object.fromEntries(
      times(200, (i) => [`Kind${i}`, { type: 'object', properties: { kind: { const: `k${i}` } }, required: ['kind'] }]),
    ),
  },
};

export const BODIES: readonly HostileBody[] = [...VALUE_BODIES, ...LIST_BODIES];
