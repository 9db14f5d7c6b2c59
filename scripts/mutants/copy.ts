import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Copies `files` of a tree to a folder of their own, where they may be changed and tested. The packages are those of `modules`, by link, each
 * by itself: what tools write into `node_modules` stays in the copy.
 */
export function copyTree(files: readonly string[], from: string, modules: string, to: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  mkdirSync(join(to, 'node_modules'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (!/^\.vite/.test(name)) symlinkSync(join(modules, name), join(to, 'node_modules', name));
  }
}
