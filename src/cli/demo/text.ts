import { printable } from '../../core/schema/show.ts';

export type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

const esc =
  (code: number): Paint =>
  (text) =>
    `\x1b[${code}m${text}\x1b[0m`;
const same: Paint = (text) => text;
const PAINTS: Palette = { bold: esc(1), dim: esc(2), red: esc(31), green: esc(32), yellow: esc(33) };
const PLAIN: Palette = { bold: same, dim: same, red: same, green: same, yellow: same };

export function paletteFor(colours: 'on' | 'off'): Palette {
  return colours === 'on' ? PAINTS : PLAIN;
}

/** At most `width` columns. Names come from traffic: what could move a terminal's cursor is shown, not obeyed. */
export function cut(raw: string, width: number): string {
  const text = printable(raw);
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}

/** `mm:ss`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** With commas: 12,345. */
export function number(n: number): string {
  return String(n).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
