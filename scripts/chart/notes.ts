/** What Helm says after an installation. `helm template` does not show it, so a copy of the chart has it in a ConfigMap. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from './helm.ts';

export const NOTES: ReadonlyArray<{
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly words: readonly RegExp[];
}> = [
  { name: 'nothing is switched on', values: {}, words: [/Nothing is switched on\. Choose:/, /injection\.kind=webhook/] },
  {
    name: 'a gateway, and who is believed',
    values: { contracts: { billing: { fromConfigMap: { name: 'billing' } } }, standalone: { enabled: true, upstream: 'http://billing' } },
    words: [
      /http:\/\/demo-plumbline\.shop\.svc:80, in front of http:\/\/billing$/m,
      /10\.0\.0\.0\/8.*\n.*LoadBalancer.*SNAT.*looks like the inside/,
      /onError: proxy/,
    ],
  },
  {
    name: 'a webhook that lets pods start without it',
    values: { injection: { kind: 'webhook' } },
    words: [/plumbline\.dev\/inject=enabled/, /failurePolicy Ignore/],
  },
  {
    name: 'a webhook that does not',
    values: { injection: { kind: 'webhook', webhook: { failurePolicy: 'Fail' } } },
    words: [/no pod that would get a sidecar starts/],
  },
  { name: 'a policy', values: { injection: { kind: 'policy' } }, words: [/MutatingAdmissionPolicy; nothing of ours runs for it/] },
];

/** The copy; what the notes are is in `data.text` of the ConfigMap `notes`. */
export function withNotesIn(folder: string): string {
  const chart = join(folder, 'with-notes');
  cpSync(CHART, chart, { recursive: true });
  const notes = join(chart, 'templates', 'NOTES.txt');
  writeFileSync(join(chart, 'templates', '_notes.tpl'), `{{ define "notes" }}${readFileSync(notes, 'utf8')}{{ end }}`);
  rmSync(notes);
  const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: notes }\ndata:\n  text: {{ include "notes" . | toJson }}\n';
  writeFileSync(join(chart, 'templates', 'notes.yaml'), object);
  return chart;
}
