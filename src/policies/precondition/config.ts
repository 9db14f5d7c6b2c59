import { type Schema, defaulted, list, object, string } from '../../core/schema.ts';

/** `policies.precondition` (semantics PC). */
export interface PreconditionConfig {
  /** Operations that are refused with 428 without If-Match. */
  readonly required: readonly string[];
}

export const preconditionSchema: Schema<PreconditionConfig> = object({
  required: defaulted(
    list(string({ maxLength: 512 })),
    [],
    'Operations that must say which version they change: without `If-Match` the answer is 428. Writes that overwrite each other are found without any.',
  ),
});
