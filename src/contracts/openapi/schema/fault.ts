import type { SkipReason } from '../../../core/contract.ts';

/** Why a schema cannot judge. Thrown inside a validator, where nothing else can leave a compiled function; never passes `judge`. */
export class SchemaFault extends Error {
  readonly reason: SkipReason;

  constructor(reason: SkipReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A number is so near to what decides that the digits which reading it has lost may matter. */
export const DOUBTFUL = new SchemaFault('unsupported', 'a number beyond the precision of binary floating point');
