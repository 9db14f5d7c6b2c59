import type { CheckedContract } from '../../app/check-contracts.ts';
import type { Problem } from '../../config/problem.ts';
import type { Io } from '../output.ts';
import { reportJson } from './json.ts';
import { reportSarif } from './sarif.ts';
import { reportText } from './text.ts';
import { reportWorkflow } from './workflow.ts';

/** What was found about one file of the command line. */
export interface Checked {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly contracts: ReadonlyArray<CheckedContract['contract']>;
  /** What it holds, where it holds no mistakes. */
  readonly summary: string;
}

/** Writes the whole report to stdout, and nothing else goes there. */
export type Reporter = (checked: readonly Checked[], io: Io, shown: 'all' | 'some') => void;

export const REPORTERS = { text: reportText, json: reportJson, sarif: reportSarif, github: reportWorkflow } as const satisfies Record<
  string,
  Reporter
>;

export type Format = keyof typeof REPORTERS;

export function isFormat(text: string): text is Format {
  return Object.hasOwn(REPORTERS, text);
}
