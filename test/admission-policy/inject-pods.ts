/**
 * What `plumbline inject` and the webhook make of pods, for the Go tests beside this file. Standard input: `{ settings, pods }`, where `settings` is the
 * text of the webhook's settings file; standard output: an answer for each pod, `{ kind, reason?, pod?, uninjected? }`.
 */
import { readFileSync } from 'node:fs';
import { applyEdits } from '../../src/inject/edit.ts';
import { type PodLike, injectPod } from '../../src/inject/inject.ts';
import type { InjectSettings } from '../../src/inject/settings.ts';
import { uninjectPod } from '../../src/inject/uninject.ts';
import { readSettings } from '../../src/injector/settings-in-force.ts';
import { workloadOf } from '../../src/injector/workload.ts';

interface Question {
  readonly settings: string;
  readonly pods: readonly PodLike[];
}

interface Answer {
  readonly kind: 'injected' | 'unchanged' | 'refused';
  readonly reason?: string;
  readonly pod?: unknown;
  readonly uninjected?: unknown;
}

function settingsOf(text: string): InjectSettings {
  const read = readSettings(text);
  if ('problems' in read) throw new Error(`the settings that the chart renders: ${read.problems.join('; ')}`);
  return read.settings.inject;
}

function answer(pod: PodLike, settings: InjectSettings): Answer {
  const metadata = pod.metadata as { readonly name?: string; readonly namespace?: string };
  const result = injectPod(pod, workloadOf(pod, metadata.name ?? '', metadata.namespace ?? ''), settings);
  const undone = uninjectPod(pod);
  return {
    kind: result.is,
    ...(result.is === 'injected' && { pod: applyEdits(pod, result.edits) }),
    ...(result.is === 'refused' && { reason: `${result.code}: ${result.reason}` }),
    ...(result.is === 'unchanged' && { reason: result.why }),
    ...(undone.is === 'uninjected' && { uninjected: applyEdits(pod, undone.edits) }),
  };
}

const { settings: text, pods } = JSON.parse(readFileSync(0, 'utf8')) as Question;
const settings = settingsOf(text);
process.stdout.write(JSON.stringify(pods.map((pod) => answer(pod, settings))));
