import type { CheckContext } from '../check/context.ts';
import type { OpenApiContract } from '../contract.ts';
import type { Node, Place } from '../document/documents.ts';
import { lookUp } from '../document/pointer.ts';
import type { Judging } from '../judging.ts';
import type { Model, OperationModel } from '../model.ts';

/** What a lint has to go by: the document as it was read, and the contract that was made of it. A lint reports to `context.problems`. */
export interface LintParts {
  readonly root: Node;
  readonly context: CheckContext;
  readonly model: Model;
  readonly judging: Judging;
  readonly contract: OpenApiContract;
}

/** A place with what stands there. */
export function nodeAt({ file, pointer }: Place): Node {
  return { file, pointer, value: lookUp(file.value, pointer) };
}

/** Operations of paths and of webhooks. */
export function* everyOperation({ operations, webhooks }: Model): Generator<OperationModel> {
  yield* operations;
  for (const webhook of webhooks.values()) yield* webhook;
}
