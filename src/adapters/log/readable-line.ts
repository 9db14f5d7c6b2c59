const RESET = '\u001b[0m';
const COLOURS: Readonly<Record<string, string>> = { info: '\u001b[32m', warn: '\u001b[33m', error: '\u001b[31m' };
const DIM = '\u001b[2m';

/** What a terminal would act on: controls (JSON leaves DEL and C1 as they are), line separators, bidirectional overrides. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const BARE = /^[\p{L}\p{N}_.:/@+-]+$/u;

/** A pino line as `12:03:04 warn  message key=value`; local time. A line that is not JSON stays as it is. */
export function readableLine(line: string, format: 'text' | 'colour'): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, ...fields } = entry;
  const paint = (colour: string | undefined, text: string): string =>
    format === 'text' || colour === undefined ? text : colour + text + RESET;
  const parts = [paint(DIM, clock(Number(time))), paint(COLOURS[String(level)], String(level).padEnd(5)), message(msg)];
  for (const [name, value] of Object.entries(fields)) parts.push(paint(DIM, `${plain(name)}=`) + show(value));
  return `${parts.join(' ')}\n`;
}

function clock(wallMs: number): string {
  return Number.isFinite(wallMs) ? new Date(wallMs).toTimeString().slice(0, 8) : '--:--:--';
}

/** Line feeds in a message become spaces; other controls are shown as JSON shows them. */
function message(text: unknown): string {
  return plain(
    JSON.stringify(String(text ?? '').replace(/\s+/g, ' '))
      .slice(1, -1)
      .replaceAll('\\"', '"'),
  );
}

function show(value: unknown): string {
  if (typeof value === 'string' && BARE.test(value)) return plain(value);
  // An Error: what happened is for people, the stack is in the JSON form.
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) return plain(JSON.stringify(value.message));
  return plain(JSON.stringify(value));
}

function plain(text: string): string {
  return text.replace(UNPRINTABLE, '\ufffd');
}
