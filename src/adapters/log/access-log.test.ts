import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { AccessLine } from '../../core/ports.ts';
import { accessLine, openAccessLog } from './access-log.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-log-'));
afterAll(() => rmSync(dir, { recursive: true }));

const quiet = { onDropped: () => undefined, onState: () => undefined };

const LINE: AccessLine = {
  direction: 'ingress',
  route: 'app',
  api: 'billing',
  contract_version: '1.0.0',
  operation: 'getInvoice',
  method: 'GET',
  path: '/v1/invoices/7',
  status: 200,
  code: '',
  origin: 'upstream',
  consumer: 'web-shop',
  consumer_version: '2',
  request_id: 'r',
  correlation_id: 'c',
  causation_id: '',
  trace_id: 't',
  span_id: 's',
  duration_ms: 1.234,
  upstream_ms: 0.5,
  attempts: 1,
  request_bytes: 0,
  response_bytes: 17,
  peer: '127.0.0.1',
  violations: 0,
  flags: ['idle', 'cut'],
  detail: 'a reason',
};
const read = (line: string): object => JSON.parse(line) as object;

describe('accessLine', () => {
  it('has the fields of the design, in their order, after time, level and msg', () => {
    const line = accessLine(LINE, 1_763_734_800_123);
    expect(line.endsWith('}\n')).toBe(true);
    expect(Object.keys(read(line))).toEqual(['time', 'level', 'msg', ...Object.keys(LINE)]);
    expect(read(line)).toEqual({ time: 1_763_734_800_123, level: 'info', msg: 'exchange', ...LINE });
  });

  it('says why only where there is something to say', () => {
    expect(read(accessLine({ ...LINE, detail: '' }, 0))).not.toHaveProperty('detail');
  });

  it('writes no other field, whoever adds it', () => {
    const line = accessLine({ ...LINE, authorization: 'Bearer s3cr3t', query: 's3cr3t', level: 's3cr3t' } as AccessLine, 0);
    expect(line).not.toContain('s3cr3t');
  });

  it.each(['/a"b', '","status":200,"x":"', 'a\\b', '\\"'])('lets no text forge a field: %s', (path) => {
    expect(read(accessLine({ ...LINE, path }, 0))).toEqual({ time: 0, level: 'info', msg: 'exchange', ...LINE, path });
  });

  it('says as JSON whatever texts there are, in one line', () => {
    const texts = fc.record(Object.fromEntries(Object.keys(LINE).map((name) => [name, fc.string({ unit: 'binary', maxLength: 20 })])));
    fc.assert(
      fc.property(texts, fc.array(fc.string({ unit: 'binary' })), (given, flags) => {
        const line = {
          ...LINE,
          ...given,
          status: 1,
          duration_ms: 2,
          upstream_ms: 3,
          attempts: 4,
          request_bytes: 5,
          response_bytes: 6,
          violations: 7,
          flags,
          detail: `${given['detail']}.`,
        };
        const written = accessLine(line, 0);
        expect(written.indexOf('\n')).toBe(written.length - 1);
        expect(read(written)).toEqual({ time: 0, level: 'info', msg: 'exchange', ...line });
      }),
    );
  });

  it('is one line whatever the values are, and cuts the long ones', () => {
    const line = accessLine(
      { ...LINE, path: 'a\n{"msg":"exchange"}\u2028"', consumer: '\ud800', peer: 'x'.repeat(100_000), flags: ['a\nb'] },
      0,
    );
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(line.length).toBeLessThan(10_000);
    expect((read(line) as { path: string }).path).toBe('a\n{"msg":"exchange"}\u2028"');
  });
});

describe('openAccessLog', () => {
  it('off writes nothing', async () => {
    const log = openAccessLog({ destination: 'off', ...quiet });
    log.write({ ...LINE, path: '/' });
    await log.close();
    expect(existsSync('off')).toBe(false);
  });

  it('appends to a file that only the owner and its group may read', async () => {
    const destination = join(dir, 'access.log');
    for (const path of ['/a', '/b']) {
      const log = openAccessLog({ destination, ...quiet });
      log.write({ ...LINE, path });
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
    for (let i = 0; i < 50; i++) log.write({ ...LINE, path: `/${i}` });
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
    const line = ${JSON.stringify(LINE)};
    let dropped = 0, states = [];
    const log = openAccessLog({ destination: 'stdout', onDropped: (n) => { dropped += n; }, onState: (e) => states.push(e?.code ?? null) });
    let worst = 0, last = performance.now(), sent = 0;
    const step = () => {
      worst = Math.max(worst, performance.now() - last); last = performance.now();
      for (let i = 0; i < 100 && sent < ${count}; i++) log.write({ ...line, path: '/' + sent++, consumer: 'x'.repeat(300) });
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
