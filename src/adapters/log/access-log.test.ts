import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { accessLine, openAccessLog } from './access-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-log-'));
afterAll(() => rmSync(dir, { recursive: true }));

const quiet = { onDropped: () => undefined, onState: () => undefined };

const FIELDS =
  'direction route api contract_version operation method path status code origin consumer consumer_version request_id correlation_id causation_id trace_id span_id duration_ms upstream_ms attempts request_bytes response_bytes peer violations flags';

describe('accessLine', () => {
  it('has the fields of the design, in their order, after time, level and msg', () => {
    const given = Object.fromEntries(FIELDS.split(' ').map((name, i) => [name, i]));
    const line = accessLine(given, 1_763_734_800_123);
    expect(line?.endsWith('}\n')).toBe(true);
    const read = JSON.parse(line ?? '') as object;
    expect(Object.keys(read).join(' ')).toBe(`time level msg ${FIELDS}`);
    expect(read).toEqual({ time: 1_763_734_800_123, level: 'info', msg: 'exchange', ...given });
  });

  it('writes no other field, whoever adds it', () => {
    const line = accessLine({ path: '/x', authorization: 'Bearer s3cr3t', query: 's3cr3t', level: 's3cr3t', ['__proto__']: 's3cr3t' }, 0);
    expect(line).not.toContain('s3cr3t');
    expect(JSON.parse(line ?? '')).toEqual({ time: 0, level: 'info', msg: 'exchange', path: '/x' });
  });

  it('is one line whatever the values are, and cuts the long ones', () => {
    const line =
      accessLine({ path: 'a\n{"msg":"exchange"}\u2028"', consumer: '\ud800', peer: 'x'.repeat(100_000), flags: ['a\nb'] }, 0) ?? '';
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(line.length).toBeLessThan(10_000);
    expect((JSON.parse(line) as { path: string }).path).toBe('a\n{"msg":"exchange"}\u2028"');
  });

  it('gives up what is not JSON instead of throwing', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(accessLine({ flags: circular }, 0)).toBeUndefined();
    expect(accessLine({ status: 1n }, 0)).toBeUndefined();
  });
});

describe('openAccessLog', () => {
  it('off writes nothing', async () => {
    const log = openAccessLog({ destination: 'off', ...quiet });
    log.write({ path: '/' });
    await log.close();
    expect(existsSync('off')).toBe(false);
  });

  it('appends to a file that only the owner and its group may read', async () => {
    const destination = join(dir, 'access.log');
    for (const path of ['/a', '/b']) {
      const log = openAccessLog({ destination, ...quiet });
      log.write({ path });
      await log.close();
    }
    const lines = readFileSync(destination, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['/a', '/b']);
    expect(statSync(destination).mode & 0o007).toBe(0);
  });

  it.each([
    ['a directory', dir, 'EISDIR'],
    ['a path into nowhere', join(dir, 'no/such/access.log'), 'ENOENT'],
  ])('refuses %s when it starts, by name', (_, destination, code) => {
    expect(() => openAccessLog({ destination, ...quiet })).toThrow(
      expect.objectContaining({ name: 'DestinationError', code, message: expect.stringContaining(JSON.stringify(destination)) }),
    );
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk is counted and told of once; nothing throws', async () => {
    let dropped = 0;
    const states: (string | undefined)[] = [];
    const log = openAccessLog({
      destination: '/dev/full',
      onDropped: (lines) => (dropped += lines),
      onState: (error) => states.push((error as NodeJS.ErrnoException | undefined)?.code),
    });
    for (let i = 0; i < 50; i++) log.write({ path: `/${i}` });
    await log.close();
    expect(dropped).toBe(50);
    expect(states).toEqual(['ENOSPC']);
  });
});

/** A process that logs `count` lines to its stdout as fast as it can, then says on stderr what became of them. */
function logger(count: number) {
  const module = JSON.stringify(fileURLToPath(new URL('access-log.ts', import.meta.url)));
  const script = `
    const { openAccessLog } = await import(${module});
    let dropped = 0, states = [];
    const log = openAccessLog({ destination: 'stdout', onDropped: (n) => { dropped += n; }, onState: (e) => states.push(e?.code ?? null) });
    let worst = 0, last = performance.now(), sent = 0;
    const step = () => {
      worst = Math.max(worst, performance.now() - last); last = performance.now();
      for (let i = 0; i < 100 && sent < ${count}; i++) log.write({ path: '/' + sent++, consumer: 'x'.repeat(300) });
      if (sent < ${count}) setTimeout(step, 1);
      else log.close().then(() => { process.stderr.write(JSON.stringify({ dropped, states, worst }) + '\\n', () => process.exit(0)); });
    };
    step();`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outcome(child: ReturnType<typeof logger>): Promise<{ dropped: number; states: (string | null)[]; worst: number }> {
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await new Promise((resolve) => child.once('exit', resolve));
  return JSON.parse(told.trimEnd().split('\n').at(-1) ?? '') as { dropped: number; states: (string | null)[]; worst: number };
}

describe('standard output', () => {
  it('a reader gets every line, in order', async () => {
    const child = logger(20_000);
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await outcome(child)).toMatchObject({ dropped: 0, states: [] });
    const paths = text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { path: string }).path);
    expect(paths).toEqual(Array.from({ length: 20_000 }, (_, i) => `/${i}`));
  });

  it('a reader that stopped reading blocks nobody, and the process still ends', async () => {
    const child = logger(20_000);
    child.stdout.pause();
    const { dropped, worst } = await outcome(child);
    expect(dropped).toBeGreaterThan(0);
    expect(worst).toBeLessThan(1000);
    child.stdout.destroy();
  });

  it('a reader that left is no reason to crash', async () => {
    const child = logger(2_000);
    child.stdout.destroy();
    const { dropped, states } = await outcome(child);
    expect(dropped).toBeGreaterThan(0);
    expect(['EPIPE', 'ECONNRESET']).toContain(states[0]);
  });
});
