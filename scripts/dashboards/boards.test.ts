import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../lint/tree.ts';
import { alertSpecs } from '../rules/groups.ts';
import { boards } from './boards.ts';
import { FAULTS, NEEDS } from './model.ts';

const panels = boards.flatMap((board) => board.panels.map((panel) => ({ at: `${board.file} ${panel.id}`, panel })));

describe('the five boards', () => {
  it('are those of the design, in files and under UIDs that alerts name', () => {
    const files = ['overview', 'contracts-and-drift', 'consumers', 'upstreams-and-sla', 'gateway-health'];
    expect(boards.map(({ file, uid }) => [file, uid])).toEqual(files.map((name) => [`${name}.json`, `plumbline-${name}`]));
    expect(panels.length).toBeGreaterThan(80);
  });

  it.each(panels)('$at says what a run must give', ({ panel: { expect: expected, targets } }) => {
    const { load, fault, quiet } = expected;
    expect(load[0]).toBeLessThanOrEqual(load[1]);
    expect(targets.length).toBeGreaterThan(0);
    expect(quiet === undefined).toBe(fault === undefined);
    // What cannot be told apart from quiet shows no fault: the ranges differ.
    if (quiet !== undefined) expect(quiet).not.toEqual(load);
  });

  it('show every fault, and name no need that none has', () => {
    expect(new Set(panels.flatMap(({ panel }) => panel.expect.fault ?? []))).toEqual(new Set(Object.keys(FAULTS)));
    expect(new Set(panels.flatMap(({ panel }) => panel.expect.needs ?? []))).toEqual(new Set(Object.keys(NEEDS)));
  });

  it('lead to runbooks of alerts that there are', () => {
    const alerts = Object.values(alertSpecs({ windowScale: 1 }))
      .flat()
      .map(({ alert }) => alert);
    const named = [...new Set(panels.flatMap(({ panel }) => panel.alerts ?? []))];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !alerts.includes(name))).toEqual([]);
    expect(named.filter((name) => !existsSync(join(root, 'docs/runbooks', `${name}.md`)))).toEqual([]);
  });

  it('are described in docs/dashboards.md: each row, each fault, each need', () => {
    const page = readFileSync(join(root, 'docs/dashboards.md'), 'utf8').replaceAll(/\s+/g, ' ');
    const rows = boards.flatMap(({ rows: all }) => all.flatMap(({ title }) => title ?? []));
    const wanted = [...boards.map(({ file }) => `dashboards/${file}`), ...rows, ...Object.values(FAULTS), ...Object.values(NEEDS)];
    expect(wanted.filter((text) => !page.includes(text))).toEqual([]);
  });
});
