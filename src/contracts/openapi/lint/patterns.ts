import { isObject } from '../document/pointer.ts';
import { child } from '../document/pointer.ts';
import { needsLinearEngine } from '../pattern/engine.ts';
import type { LintParts } from './parts.ts';
import { everySchema } from './schemas.ts';

/** Patterns that could hold up whoever matches them with the usual engines: harmless here, but not in every client and server. */
export function lintPatterns(parts: LintParts): void {
  for (const schema of everySchema(parts)) {
    const { pattern, patternProperties } = schema.value;
    const at = (pointer: string): void =>
      parts.context.problems.info(
        'unsafe_pattern',
        { file: schema.file, pointer },
        'a backtracking engine may take exponential or long polynomial time for this pattern (ReDoS); Plumbline runs it in linear time',
      );
    if (typeof pattern === 'string' && needsLinearEngine(pattern)) at(child(schema.pointer, 'pattern'));
    if (!isObject(patternProperties)) continue;
    for (const name of Object.keys(patternProperties))
      if (needsLinearEngine(name)) at(child(child(schema.pointer, 'patternProperties'), name));
  }
}
