import { type K6Data, type RowPlan, summarise } from './summary.ts';
import { summaryText } from './summary-text.ts';

/** For `handleSummary`: the table on standard output, and all of it as JSON in `<out>/k6-<script>.json`. */
export function reporter(script: string, out: string, rows: readonly RowPlan[]): (data: K6Data) => Record<string, string> {
  return (data) => {
    const summary = summarise(script, data, rows);
    return { stdout: summaryText(summary), [`${out}/k6-${script}.json`]: `${JSON.stringify(summary, null, 2)}\n` };
  };
}
