import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Image, ownImage, ownImageAt } from './images.ts';
import { MemoryLimit } from './memory-limit.ts';
import { WORK, onPlayedNode, whyNot } from './tools.ts';

/** As automake has it. */
const SKIPPED = 77;

/** What is played on. */
export interface Stage {
  /** The image of this tree. */
  readonly image: Image;
  /** For what is made meanwhile. */
  readonly folder: string;
}

/**
 * Builds the image, and runs this program again on a node of its own, where `play` is called; what it resolves to is the exit code. `built`: the root of the
 * image's file system where it has been laid out before. Ends with 77, saying why, where this machine cannot play a node.
 */
export async function onNode(built: string | undefined, play: (stage: Stage) => Promise<number>): Promise<never> {
  const inside = process.env[WORK];
  if (inside !== undefined) {
    await onPlayedNode({});
    process.exit(await play({ image: ownImageAt(join(inside, 'plumbline')), folder: inside }));
  }
  const why = whyNot();
  if (why !== undefined) {
    console.log(`skipped: a node cannot be played here: ${why}`);
    process.exit(SKIPPED);
  }
  const work = mkdtempSync(join(tmpdir(), 'plumbline-node-'));
  try {
    if (built === undefined) ownImage(work);
    else execFileSync('cp', ['-a', resolve(built), join(work, 'plumbline')]);
    process.exitCode = await onPlayedNode({ [WORK]: work });
  } finally {
    await MemoryLimit.sweep(work);
    rmSync(work, { recursive: true, force: true });
  }
  process.exit();
}
