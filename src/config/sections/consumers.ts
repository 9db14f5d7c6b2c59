import { defaulted, object, optional, record, string } from '../../core/schema.ts';
import { NAME, NAME_FORM } from '../values.ts';

/** As `identity` finds names: visible ASCII, spaces within. */
const CONSUMER = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;

const version = string({ type: 'version', form: 'no spaces', pattern: /^[\x21-\x7e]+$/, maxLength: 64 });

const consumer = object({
  team: optional(string({ maxLength: 256 }), 'Who owns it; shown by `/api` wherever the consumer is.'),
  oncall: optional(string({ maxLength: 256 }), 'Whom to call.'),
  support: optional(string({ maxLength: 256 }), 'Where to ask.'),
  contracts: defaulted(
    record(version, { key: 'contract', form: NAME_FORM, pattern: NAME }),
    {},
    'Versions that it was built on, by contract, in quotes: `{ billing: "1.4" }`. What a trusted peer says in `X-Contract-Version` goes before it.',
  ),
});

export const consumersSchema = record(consumer, { key: 'consumer', form: 'visible ASCII, at most 64 characters', pattern: CONSUMER });
