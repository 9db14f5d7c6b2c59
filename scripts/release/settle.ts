import { chmodSync, lstatSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Gives everything below `root`, and `root` itself, one time and the modes that anybody may read, whatever the hour and the umask of whoever
 * builds: the same commit gives the same bytes. A folder with the sticky bit (/tmp) stays as it is. @throws on anything but files and folders.
 */
export function settle(root: string, epochSeconds: number): void {
  const stat = lstatSync(root);
  if (stat.isDirectory()) {
    for (const name of readdirSync(root)) settle(join(root, name), epochSeconds);
    if ((stat.mode & 0o1000) === 0) chmodSync(root, 0o755);
  } else if (stat.isFile()) {
    chmodSync(root, (stat.mode & 0o100) === 0 ? 0o644 : 0o755);
  } else {
    throw new Error(`${root} is neither a file nor a folder`);
  }
  // After what is in it: writing there would change it again.
  utimesSync(root, epochSeconds, epochSeconds);
}
