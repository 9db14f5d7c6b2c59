import { parseArgs } from 'node:util';
import { CASES, type CaseName, ROWS, type RowName } from './plan.ts';

export interface BenchOptions {
  readonly rows: readonly RowName[];
  readonly cases: readonly CaseName[];
  /** Each round measures every row once. */
  readonly rounds: number;
  readonly seconds: number;
  /** Also writes the table into docs/performance.md. */
  readonly write: boolean;
}

export const USAGE = `npm run bench -- [options]
  --quick           one round of 2 s, Plumbline and the floor only; in about two minutes
  --rows a,b        ${Object.keys(ROWS).join(', ')}
  --cases a,b       ${Object.keys(CASES).join(', ')}
  --rounds N        rounds, each over all rows; the table has the medians (5)
  --seconds N       length of one measurement (3)
  --write           write the table into docs/performance.md
`;

/** @throws with a message for the user. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      cases: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const usual = values.quick
    ? { rows: 'floor,off,report,enforce,policies', rounds: '1', seconds: '2' }
    : { rows: undefined, rounds: '5', seconds: '3' };
  return {
    rows: names('--rows', values.rows ?? usual.rows, Object.keys(ROWS) as RowName[]),
    cases: names('--cases', values.cases, Object.keys(CASES) as CaseName[]),
    rounds: positive('--rounds', values.rounds ?? usual.rounds),
    seconds: positive('--seconds', values.seconds ?? usual.seconds),
    write: values.write,
  };
}

/** In the order of `known`, whatever order was asked for. */
function names<T extends string>(flag: string, list: string | undefined, known: readonly T[]): T[] {
  if (list === undefined) return [...known];
  const asked = list.split(',').map((name) => name.trim());
  const wrong = asked.find((name) => !(known as readonly string[]).includes(name));
  if (wrong !== undefined) throw new Error(`${flag}: there is no "${wrong}"; known are ${known.join(', ')}`);
  return known.filter((name) => asked.includes(name));
}

function positive(flag: string, text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 600) throw new Error(`${flag}: ${text} is not a whole number from 1 to 600`);
  return n;
}
