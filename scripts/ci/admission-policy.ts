/**
 * The chart's MutatingAdmissionPolicy on the API server's own code: rendered by Helm, held to what is committed in test/admission-policy/recorded, and run
 * over the Pods there by a Go test on k8s.io/apiserver. `node scripts/ci/admission-policy.ts`; `--update` writes what Helm renders. Exit code 0 where all
 * of it holds; 77 where there is no Go to show anything with. The first build takes minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../lint/tree.ts';
import { COMMITTED, renderAll, stale } from './admission-policy/render.ts';
import { FOLDER, buildTests, goVersion, runTests } from './admission-policy/go.ts';

const NOTHING_SHOWN = 77;

let failures = 0;
function hold(what: string, ok: boolean, detail = ''): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${what}${ok || detail === '' ? '' : `\n${detail}`}`);
  if (!ok) failures++;
}

/** Where the Go tests find what is rendered. */
function rendered(folder: string): string {
  const problem = renderAll(folder);
  if (problem === 'no helm') {
    console.log('!!! helm is not installed: the policy as it was committed is tested, whatever the chart renders by now');
    return COMMITTED;
  }
  hold('the chart renders the policy', problem === undefined, problem);
  if (problem !== undefined) return COMMITTED;
  const differing = stale(folder);
  hold(
    'rendered as committed',
    differing.length === 0,
    `${differing.join('\n')}\nnode scripts/ci/admission-policy.ts --update writes them anew`,
  );
  return folder;
}

function testPolicy(work: string): void {
  const policies = rendered(join(work, 'rendered'));
  const built = buildTests(join(work, 'admission-policy.test'));
  hold(`built in ${built.seconds} s`, built.said === undefined, built.said);
  if (built.said !== undefined) return;
  const ran = runTests(join(work, 'admission-policy.test'), policies);
  for (const line of ran.told) console.log(`       ${line}`);
  for (const test of ran.tests) hold(test.name, test.passed);
  hold(`${ran.passed} Go tests and subtests, ${ran.failed} failed, in ${ran.seconds} s`, ran.code === 0 && ran.passed > 0, ran.said);
}

if (process.argv.includes('--update')) {
  const problem = renderAll(COMMITTED);
  if (problem !== undefined) throw new Error(problem);
  console.log(`written: ${COMMITTED.slice(root.length + 1)}`);
} else if (goVersion() === undefined) {
  console.log(`skipped: the admission policy: there is no go that could build ${FOLDER} (1.26 or newer), so nothing was shown of it`);
  process.exitCode = NOTHING_SHOWN;
} else {
  const work = mkdtempSync(join(tmpdir(), 'plumbline-admission-policy-'));
  try {
    testPolicy(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  process.exitCode = failures === 0 ? 0 : 1;
}
