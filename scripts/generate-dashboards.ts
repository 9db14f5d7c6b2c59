/** Makes the boards that Grafana reads, `dashboards/*.json`, of `dashboards/boards.ts`. Written by `generate.ts`. */
import { boards } from './dashboards/boards.ts';
import { boardJson } from './dashboards/render.ts';

/** Every generated file: its path from the root of the repository, and what must be in it. */
export function generate(): Readonly<Record<string, string>> {
  return Object.fromEntries(boards.map((board) => [`dashboards/${board.file}`, `${JSON.stringify(boardJson(board), null, 2)}\n`]));
}
