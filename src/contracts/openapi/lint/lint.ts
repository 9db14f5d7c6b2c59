import type { Pause } from '../check/read-document.ts';
import { lintExamples } from './examples.ts';
import { lintFields } from './fields.ts';
import type { LintParts } from './parts.ts';
import { lintPaths } from './paths.ts';
import { lintPatterns } from './patterns.ts';
import { lintRepeats } from './repeats.ts';
import { lintResponses } from './responses.ts';

/**
 * What is doubtful in a document that can be used: it makes no verdict wrong, and so it is no error. Only `check` asks for it; it takes seconds for
 * a document of 13 MB.
 */
export async function lintDocument(parts: LintParts, pause: Pause): Promise<void> {
  lintFields(parts);
  lintPaths(parts);
  lintResponses(parts);
  lintRepeats(parts);
  lintPatterns(parts);
  await lintExamples(parts, async () => pause?.());
}
