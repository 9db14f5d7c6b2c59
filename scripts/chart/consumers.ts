/** Charts of services, for the library templates: the example, and one with a Job. */
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../lint/tree.ts';
import { documents } from './checks/documents.ts';
import { CHART } from './helm.ts';

export const EXAMPLE = join(root, 'helm', 'examples', 'billing');

/** Manifests that docs/kubernetes.md applies, and a configuration among them. */
export const EXAMPLE_MANIFESTS: string = join(root, 'helm', 'examples', 'manifests');
export const CONFIGURATION = 'settle-plumbline.yaml';

export function exampleManifests(): ReturnType<typeof documents>[] {
  const names = readdirSync(EXAMPLE_MANIFESTS).filter((name) => name !== CONFIGURATION);
  return names.map((name) => documents(readFileSync(join(EXAMPLE_MANIFESTS, name), 'utf8')));
}

/** A copy of the example with this chart in its `charts`, as `helm dependency build` would put it. */
export function exampleIn(folder: string): string {
  const chart = join(folder, 'billing');
  cpSync(EXAMPLE, chart, { recursive: true });
  withPlumbline(chart);
  return chart;
}

/** The same without a contract of its own. */
export function bareIn(folder: string): string {
  const chart = join(folder, 'bare');
  cpSync(EXAMPLE, chart, { recursive: true });
  const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as { plumbline: Record<string, unknown> };
  writeFileSync(join(chart, 'values.yaml'), JSON.stringify({ ...values, plumbline: { sidecar: { port: 3000 } } }));
  withPlumbline(chart);
  return chart;
}

/** A service's chart that has nothing but a CronJob with a sidecar. */
export function jobIn(folder: string): string {
  const chart = join(folder, 'job');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(
    join(chart, 'Chart.yaml'),
    'apiVersion: v2\nname: job\nversion: 0.0.1\ndependencies:\n  - { name: plumbline, version: "*" }\n',
  );
  writeFileSync(join(chart, 'values.yaml'), '{}\n');
  writeFileSync(join(chart, 'templates', 'cronjob.yaml'), CRON_JOB);
  withPlumbline(chart);
  return chart;
}

/** Puts this chart into the `charts` of another. */
export function withPlumbline(chart: string): void {
  cpSync(CHART, join(chart, 'charts', 'plumbline'), { recursive: true });
}

const CRON_JOB = `apiVersion: batch/v1
kind: CronJob
metadata: { name: settle }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
          initContainers:
            {{- include "plumbline.nativeForJob" .Subcharts.plumbline | nindent 12 }}
          containers:
            - name: settle
              image: ghcr.io/example/settle:1.0.0
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
          volumes:
            {{- include "plumbline.volumes" .Subcharts.plumbline | nindent 12 }}
`;
