/** Where the demo draws: a terminal, a pipe or a file. */
export interface Canvas {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface Drawn {
  readonly lines: number;
  readonly columns: number;
}

/**
 * What to write so that `lines` stand where the last ones stood. A window that was made narrower or wider has broken the last ones
 * anew, nobody knows where: then the window is cleared.
 */
export function frame(last: Drawn | undefined, lines: readonly string[], columns: number): string {
  const text = lines.map((line) => `${line}\x1b[K\n`).join('');
  if (last === undefined) return text;
  const back = last.columns === columns ? (last.lines > 0 ? `\x1b[${last.lines}A` : '') : '\x1b[2J\x1b[H';
  return `${back}\r${text}\x1b[J`;
}

/** Whether text can be overwritten there. */
export function isTerminal(canvas: Canvas, env: Readonly<Record<string, string | undefined>>): boolean {
  return canvas.isTTY === true && env.TERM !== 'dumb';
}
