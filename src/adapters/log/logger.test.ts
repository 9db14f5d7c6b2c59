import { describe, expect, it } from 'vitest';
import type { LineSink } from './line-sink.ts';
import { type LogFormat, logFormat, openLogger } from './logger.ts';

async function logged(format: LogFormat, fields: object, message: string): Promise<string> {
  let text = '';
  const sink: LineSink = {
    write(piece, done) {
      text += piece.toString();
      done(piece.length, undefined);
    },
    close: () => undefined,
  };
  const log = openLogger({ format, sink, onDropped: () => undefined });
  log.warn(fields, message);
  await log.close();
  return text;
}

describe('logger', () => {
  it('writes pino JSON without process id and host', async () => {
    const line = JSON.parse(await logged('json', { listener: 'ingress' }, 'listening')) as Record<string, unknown>;
    expect(line).toEqual({ level: 'warn', time: expect.any(Number), listener: 'ingress', msg: 'listening' });
  });

  it('writes one short line for a person', async () => {
    const line = await logged('text', { listener: 'ingress', path: 'a b', count: 3, err: new Error('boom') }, 'two\nlines "here"');
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}two lines "here" listener=ingress path="a b" count=3 err="boom"\n$/);
  });

  it.each(['json', 'text', 'colour'] as const)('masks secrets that slip in (%s)', async (format) => {
    const line = await logged(format, { token: 's3cr3t', headers: { authorization: 's3cr3t', cookie: 's3cr3t' } }, 'x');
    expect(line).not.toContain('s3cr3t');
    expect(line).toContain('***');
  });

  it('lets no value act on the terminal', async () => {
    const line = await logged('text', { path: '\u001b[2J\u009b2J', '\u001b[k': '\u202e' }, '\u001b[31mred');
    expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('survives what is not JSON', async () => {
    const circular: Record<string, unknown> = { n: 1n };
    circular.self = circular;
    expect(await logged('json', circular, 'x')).toContain('"msg":"x"');
  });
});

describe('logFormat', () => {
  it.each([
    [{}, {}, 'json'],
    [{ isTTY: true }, {}, 'colour'],
    [{ isTTY: true }, { NO_COLOR: '' }, 'colour'],
    [{ isTTY: true }, { NO_COLOR: '1' }, 'text'],
    [{ isTTY: false }, {}, 'json'],
  ] as const)('%j %j → %s', (stream, environment, expected) => {
    expect(logFormat(stream, environment)).toBe(expected);
  });
});
