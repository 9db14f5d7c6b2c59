import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { drift, drifting, finds, startDrifting } from '../../../test/kit/drifting.ts';
import { startTestGateway } from '../../../test/kit/gateway.ts';
import { startOrigin } from '../../../test/kit/origin.ts';
import type { FindingItem } from '../../core/views.ts';
import { program } from '../program.ts';

async function call(argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const stdout = { write: (text: string) => (out += text) };
  const code = await program(['drift', ...argv], { stdout, stderr: { write: (text) => (err += text) }, env: {}, cwd: import.meta.dirname });
  return { code, out, err };
}

async function findings(...argv: readonly string[]): Promise<readonly FindingItem[]> {
  const { out } = await call(['report', '--json', ...argv]);
  return (JSON.parse(out) as { findings: readonly FindingItem[] }).findings;
}

describe('plumbline drift of a running gateway', () => {
  it('is listed, acknowledged one by one, and written as a baseline', async () => {
    await using origin = await startDrifting();
    await using gateway = await startTestGateway(drifting(origin));
    const admin = ['--admin', gateway.adminUrl];
    expect(await call(['report', ...admin])).toEqual({ code: 0, out: 'no findings\n', err: '' });
    await drift(gateway, 418, 2);
    await drift(gateway, 429, 1);
    await finds(gateway, { 418: 'new 2', 429: 'new 1' });
    expect((await call(['report', ...admin, '--fail-on', 'new'])).code).toBe(1);
    expect((await call(['report', ...admin, '--api', 'other'])).out).toBe('no findings\n');
    const [teapot] = (await findings(...admin)).filter(({ name }) => name === '418') as [FindingItem];
    const said = await call(['acknowledge', teapot.id, '--note', 'ticket 7', ...admin]);
    expect(said).toEqual({ code: 0, out: `${teapot.id} is acknowledged: undocumented status 418 of getAnswer\n`, err: '' });
    const { out } = await call(['report', ...admin]);
    expect(out).toContain('acknowledged: ticket 7\n');
    expect(out).toMatch(/\n1 new, 1 acknowledged\n$/);
    expect((await findings(...admin, '--state', 'new')).map(({ name }) => name)).toEqual(['429']);
    const json = await call(['acknowledge', teapot.id, '--json', ...admin]);
    expect(JSON.parse(json.out)).toMatchObject({ id: teapot.id, state: 'acknowledged' });
    await call(['acknowledge', teapot.id, '--note', 'ticket 7', ...admin]);
    const listed = parse((await call(['baseline', ...admin])).out) as { findings: ReadonlyArray<{ note?: string; name: string }> };
    expect(listed.findings.map(({ name, note }) => [name, note]).sort()).toEqual([
      ['418', 'ticket 7'],
      ['429', undefined],
    ]);
    const unknown = await call(['acknowledge', '0123456789abcdef', ...admin]);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('answered 404')]);
  });

  it.each([['{}'], ['[]'], ['{"items":{},"next":null}'], ['{"items":[],"next":7}']])('that answers %s is none', async (body) => {
    await using other = await startOrigin((_req, res) => void res.end(body));
    const { code, err } = await call(['report', '--admin', other.url]);
    expect([code, err]).toEqual([2, 'plumbline: the answer is no list of findings: --admin leads to something else\n']);
  });
});
