/** What `plumbline inject` makes of the manifests in test/inject/cases; a new case needs its in.yaml alone. Read the difference before it is committed. */
import { CASES, outcomeOf } from '../test/inject/case.ts';

export async function generate(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of CASES) {
    for (const [file, text] of Object.entries(await outcomeOf(name))) files[`test/inject/cases/${name}/${file}`] = text;
  }
  return files;
}
