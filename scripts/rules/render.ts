/**
 * Writes the rules with addresses of one's own, or for a test that has no hours: `node scripts/rules/render.ts --out DIR [--runbooks URL/] [--grafana URL]
 * [--scale N]`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ruleGroups } from './groups.ts';
import type { RuleOptions } from './rule.ts';
import { byKind, rulesYaml } from './yaml.ts';

/** The two rule files below `directory`, which is made where it is missing. Gives their paths. */
export function writeRules(directory: string, options: RuleOptions): string[] {
  mkdirSync(directory, { recursive: true });
  return Object.entries(byKind(ruleGroups(options))).map(([kind, groups]) => {
    const path = join(directory, `plumbline.${kind}.yaml`);
    writeFileSync(path, rulesYaml(groups));
    return path;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { out: text, runbooks: text, grafana: text, scale: text } });
  const { out, runbooks, grafana, scale = '1' } = values;
  if (out === undefined || !(Number(scale) > 0)) {
    console.error('usage: render.ts --out DIR [--runbooks URL/] [--grafana URL] [--scale N]');
    process.exitCode = 2;
  } else {
    const options = {
      windowScale: Number(scale),
      ...(runbooks !== undefined && { runbookBase: runbooks }),
      ...(grafana !== undefined && { grafana }),
    };
    for (const path of writeRules(out, options)) console.log(path);
  }
}
