import { type Ask, parseTraffic } from './traffic.ts';
import { given } from './settings.ts';

/** The file that REQUESTS names, from the working directory; else `usual`, a file in `traffic/`. In the init context only. */
export function readRequests(usual: string): Ask[] {
  const named = given(__ENV, 'REQUESTS');
  const file = named === undefined ? import.meta.resolve(`../traffic/${usual}`) : fromWorkingDirectory(named);
  return parseTraffic(named ?? usual, open(file));
}

/** k6 itself would take it from the folder of the script. */
function fromWorkingDirectory(path: string): string {
  return path.startsWith('/') ? path : `${__ENV.PWD ?? '.'}/${path}`;
}
