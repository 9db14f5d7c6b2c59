import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../app/start-error.ts';
import { PLAIN } from '../config/render.ts';
import { advice } from './demo/advice.ts';
import { Collector } from './demo/collect.ts';
import { farewell, render, type Scene } from './demo/render.ts';
import { type Canvas, type Drawn, frame, isTerminal } from './demo/screen.ts';
import { openStage, type Stage } from './demo/stage.ts';
import type { Summary } from './demo/summary.ts';
import { paletteFor } from './demo/text.ts';
import { coloursFor, EXIT } from './output.ts';

export interface DemoOptions {
  /** Of the gateway; undefined: 7080, or any free one where that is taken. */
  readonly port?: number;
  /** Of its admin API; undefined: 7090, or any free one. */
  readonly adminPort?: number;
  /** One JSON document a line instead of the summary for people. */
  readonly json?: boolean;
}

/** What belongs to the process; tests bring their own. */
export interface Surroundings {
  readonly stdout: Canvas;
  readonly stderr: Canvas;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted: the demo ends. Undefined: SIGINT and SIGTERM end it. */
  readonly stop?: AbortSignal;
}

const READ_EVERY_MS = 500;
const FIRST_BLOCK_MS = 3000;
const BLOCK_EVERY_MS = 10_000;
const DRIFT_AFTER_MS = 6000;
const WIDTH_OF_A_PIPE = 100;

/**
 * The example provider, the gateway in front of it, and consumers that call it; shows what is found until it is told to stop.
 * Resolves to the exit code: 0, or 2 where it cannot start.
 */
export async function demo(options: DemoOptions = {}, around: Surroundings = ofProcess()): Promise<number> {
  const signals = around.stop === undefined ? onSignals() : undefined;
  const stop = around.stop ?? (signals as Signals).stop;
  let stage: Stage;
  try {
    stage = await openStage({ port: options.port, adminPort: options.adminPort });
  } catch (error) {
    signals?.release();
    const problems = error instanceof StartError ? error.problems : [];
    around.stderr.write(`The demo cannot start: ${[(error as Error).message, ...problems.map((p) => p.message)].join('\n')}\n`);
    return EXIT.usage;
  }
  let last: Summary | undefined;
  try {
    last = await show(stage, options, around, stop);
  } finally {
    await stage.close();
    signals?.release();
  }
  const end = last === undefined ? 'Stopped.' : farewell(last);
  if (options.json === true) around.stderr.write(`${end}\n`);
  // A terminal has written ^C where the cursor stood.
  else around.stdout.write(isTerminal(around.stdout, around.env) ? `\r\x1b[K${end}\n` : `${end}\n`);
  return EXIT.ok;
}

/** Reads and draws until `stop`; resolves to the last state, undefined where there was none. */
async function show(stage: Stage, options: DemoOptions, around: Surroundings, stop: AbortSignal): Promise<Summary | undefined> {
  const collector = new Collector(stage.places.admin);
  const draw =
    options.json === true ? documents(around.stdout) : isTerminal(around.stdout, around.env) ? redraw(around) : blocks(around.stdout);
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  let last: Summary | undefined;
  let driftingSinceMs: number | undefined;
  let hasDrifted = false;
  while (!stop.aborted) {
    if (!hasDrifted && elapsed() >= DRIFT_AFTER_MS) {
      hasDrifted = true;
      stage.provider.setDrift(true);
    }
    driftingSinceMs = stage.provider.drifting ? (driftingSinceMs ?? elapsed()) : undefined;
    let trouble: string | undefined;
    try {
      last = await collector.read(elapsed());
    } catch (error) {
      trouble = `The admin API does not answer: ${(error as Error).message}`;
    }
    if (last !== undefined) draw({ summary: last, places: stage.places, driftingSinceMs, notes: notes(stage, trouble) });
    await sleep(READ_EVERY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
  await stage.quiet();
  return collector.read(elapsed()).catch(() => last);
}

function notes(stage: Stage, trouble: string | undefined): readonly string[] {
  const { failed } = stage.traffic.totals();
  return [...stage.notes, ...(failed > 0 ? [`${failed} calls got no answer.`] : []), ...(trouble === undefined ? [] : [trouble])];
}

type Draw = (scene: Scene) => void;

/** In place. What to look at stands above, once, where no redrawing disturbs who copies it. */
function redraw({ stdout: out, env }: Surroundings): Draw {
  const colours = coloursFor(out, env) === PLAIN ? 'off' : 'on';
  let last: Drawn | undefined;
  return (scene) => {
    const columns = out.columns ?? 80;
    if (last === undefined) out.write(`${advice(scene.places, columns, paletteFor(colours)).join('\n')}\n\n`);
    const lines = render(scene, { width: columns - 1, height: (out.rows ?? 24) - 1, colours });
    out.write(frame(last, lines, columns));
    last = { lines: lines.length, columns };
  };
}

/** One below the other: soon the first, then every ten seconds. */
function blocks(out: Canvas): Draw {
  return onSchedule((scene) => {
    out.write(`${render(scene, { width: WIDTH_OF_A_PIPE, height: undefined, colours: 'off' }).join('\n')}\n\n`);
  });
}

function documents(out: Canvas): Draw {
  return onSchedule((scene) => {
    out.write(
      `${JSON.stringify({ ...scene.summary, places: scene.places, drifting: scene.driftingSinceMs !== undefined, notes: scene.notes })}\n`,
    );
  });
}

function onSchedule(draw: Draw): Draw {
  let nextAtMs = FIRST_BLOCK_MS;
  return (scene) => {
    if (scene.summary.elapsedMs < nextAtMs) return;
    nextAtMs = scene.summary.elapsedMs + BLOCK_EVERY_MS;
    draw(scene);
  };
}

function ofProcess(): Surroundings {
  return { stdout: process.stdout, stderr: process.stderr, env: process.env };
}

interface Signals {
  readonly stop: AbortSignal;
  release(): void;
}

/**
 * The first signal asks for a clean end. Ctrl-C reaches a whole process group, and npm passes it on besides: what comes within a second
 * is the same key. After that somebody has lost patience.
 */
function onSignals(): Signals {
  const controller = new AbortController();
  let askedAt: number | undefined;
  const ask = (): void => {
    askedAt ??= performance.now();
    if (performance.now() - askedAt > 1000) process.exit(EXIT.interrupted);
    controller.abort();
  };
  // A reader that has gone (`npm start | head`) ends the demo too.
  process.on('SIGINT', ask).on('SIGTERM', ask);
  process.stdout.on('error', ask);
  return {
    stop: controller.signal,
    release() {
      process.off('SIGINT', ask).off('SIGTERM', ask);
      process.stdout.off('error', ask);
    },
  };
}
