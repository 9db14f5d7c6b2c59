/** What is wrong with a scenario file, and where. */
export class ScenarioFault extends Error {
  constructor(file: string, line: number, message: string) {
    super(`${file}:${line}: ${message}`);
    this.name = 'ScenarioFault';
  }
}

/** A line of a scenario file; numbers begin at 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** Ends the reading of the file at this line. */
export type Fail = (line: number, message: string) => never;
