import { splitDocuments } from '../../inject/text/documents.ts';
import type { Edit } from '../../inject/edit.ts';
import { type OpenText, type TextEdit, openText } from '../../inject/text/open-text.ts';
import { Lines, changeDocument } from './document.ts';
import { type Manifest, type ServiceManifest, type Stranger, type Workload, isOfInterest, manifestsOf } from './manifests.ts';
import { type Note, nameOf } from './note.ts';
import { PodIndex, type Pods } from './pods.ts';
import { type Recorded, spelledAgain, withSpellings } from './spelling.ts';
import { type ServicePlan, planService, unplanService } from './services.ts';
import { type Mode, type WorkloadPlan, planWorkload } from './workloads.ts';

/** A file, or the standard input, as it was read; with its byte order mark. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

export interface Streamed {
  /** One for each source; the same text where nothing was done. */
  readonly texts: readonly string[];
  readonly notes: readonly Note[];
}

/** More than a cluster's worth; what is larger is a mistake, and would take minutes. */
const MAX_OBJECTS = 10_000;

interface Part {
  readonly file: string;
  /** Its first line. */
  readonly line: number;
  text: string;
  /** Looked at when every workload is known; each with its line. */
  readonly services: readonly { readonly service: ServiceManifest; readonly line: number }[];
}

/** Injects, or takes out again, what is in some sources that belong together: a Service may stand in another one than its workload. Pure. */
export function transform(sources: readonly Source[], mode: Mode): Streamed {
  const run = new Run(mode);
  const all = sources.map((source) => run.read(source));
  run.finish(all.flat());
  const texts = sources.map(({ text }, i) => {
    const mark = text.startsWith(MARK) ? MARK : '';
    return mark + (all[i] as readonly Part[]).map((part) => part.text).join('');
  });
  return { texts, notes: run.notes() };
}

const MARK = '\ufeff';

class Run {
  readonly #mode: Mode;
  readonly #notes: Note[] = [];
  readonly #pods: Pods[] = [];
  readonly #order = new Map<string, number>();
  #objects = 0;

  constructor(mode: Mode) {
    this.#mode = mode;
  }

  /** In the order of files and lines, whatever was found out when. */
  notes(): readonly Note[] {
    const file = (note: Note): number => this.#order.get(note.file) as number;
    return this.#notes.toSorted((a, b) => file(a) - file(b) || a.line - b.line);
  }

  read({ file, text }: Source): Part[] {
    if (!this.#order.has(file)) this.#order.set(file, this.#order.size);
    const parts: Part[] = [];
    for (const document of splitDocuments(text.startsWith(MARK) ? text.slice(1) : text)) {
      this.#objects += 1;
      parts.push(this.#objects > MAX_OBJECTS ? this.#tooMany(file, document) : this.#document(file, document));
    }
    return parts;
  }

  /** Services, and what is missing where there are none. */
  finish(parts: readonly Part[]): void {
    const index = new PodIndex(this.#pods);
    const served = new Set<Pods>();
    for (const part of parts) {
      if (part.services.length === 0) continue;
      const open = openText(part.text, 'kubernetes');
      // It was read before, or made by us.
      if ('fault' in open) continue;
      this.#services(part, open, index, served);
    }
    if (this.#mode.is === 'uninject') return;
    for (const pods of this.#pods) if (!served.has(pods)) this.#unserved(pods);
  }

  #tooMany(file: string, { text, line }: { readonly text: string; readonly line: number }): Part {
    if (this.#objects === MAX_OBJECTS + 1)
      this.#note(file, line, undefined, 'unreadable', `more than ${MAX_OBJECTS} objects; give them in parts`);
    return { file, line, text, services: [] };
  }

  #document(file: string, { text, line }: { readonly text: string; readonly line: number }): Part {
    const untouched: Part = { file, line, text, services: [] };
    if (!isOfInterest(text)) return untouched;
    const open = openText(text, 'kubernetes');
    const lines = new Lines(text, line);
    if ('fault' in open) {
      this.#note(file, lines.at(open.fault.offset), undefined, 'unreadable', open.fault.message);
      return untouched;
    }
    const { found, objects } = manifestsOf(open.value, MAX_OBJECTS - this.#objects);
    this.#objects += objects - 1;
    if (this.#objects > MAX_OBJECTS) {
      this.#note(file, line, undefined, 'unreadable', `more than ${MAX_OBJECTS} objects; give them in parts`);
      return untouched;
    }
    for (const one of found) if (one.is === 'stranger') this.#stranger(file, lines.of(open, one.at), one);
    const changed = this.#workloads(file, open, lines, found.filter(isWorkload));
    const services = found.filter(isService).map((service) => ({ service, line: lines.of(open, service.at) }));
    return { file, line, text: changed, services };
  }

  #workloads(file: string, open: OpenText, lines: Lines, workloads: readonly Workload[]): string {
    const plans = workloads.map((workload) => {
      const line = lines.of(open, workload.at);
      const { at, value, podAt } = workload;
      const plan = planWorkload(workload, this.#mode);
      return { ...plan, edits: this.#spelt(open, { at, value, recordAt: podAt }, plan.edits), at, workload, line };
    });
    const { text, refused } = changeDocument(
      open,
      lines,
      plans.filter(({ edits }) => edits.length > 0),
    );
    const reasons = new Map(refused.map(({ wanted, reason }) => [wanted, reason]));
    for (const plan of plans) this.#workload(file, plan, reasons.get(plan));
    return text;
  }

  #workload(
    file: string,
    { workload, line, notes, labels, takeover, edits }: WorkloadPlan & { readonly workload: Workload; readonly line: number },
    reason: string | undefined,
  ): void {
    const who = nameOf(workload);
    if (reason !== undefined) this.#note(file, line, who, 'refused', reason);
    else for (const { level, message } of notes) this.#note(file, line, who, level, message);
    const { namespace, isJob } = workload;
    this.#pods.push({
      who,
      file,
      line,
      namespace,
      labels,
      isJob,
      takeover: reason === undefined ? takeover : undefined,
      isNew: edits.length > 0,
    });
  }

  #stranger(file: string, line: number, stranger: Stranger): void {
    if (this.#mode.is === 'uninject') return;
    const why = `${stranger.apiVersion} is not known here; it stays as it is. Where it has the label plumbline.dev/inject: enabled on its pods, the injector sees to them`;
    this.#note(file, line, nameOf(stranger), 'left', why);
  }

  #services(part: Part, open: OpenText, index: PodIndex, served: Set<Pods>): void {
    const plans = part.services.map(({ service, line }) => {
      for (const pods of index.select(service.namespace, selectorOf(service))) served.add(pods);
      const plan: ServicePlan = this.#mode.is === 'inject' ? planService(service, index) : unplanService(service);
      const { at, value } = service;
      return { ...plan, edits: this.#spelt(open, { at, value, recordAt: [] }, plan.edits), at, service, line };
    });
    const lines = new Lines(part.text, part.line);
    const wanted = plans.filter(({ edits }) => edits.length > 0);
    const { text, refused } = changeDocument(open, lines, wanted);
    part.text = text;
    const reasons = new Map(refused.map(({ wanted, reason }) => [wanted, reason]));
    for (const plan of plans) {
      const reason = reasons.get(plan);
      const notes = reason === undefined ? plan.notes : [{ level: 'refused', message: reason } as const];
      for (const { level, message } of notes) this.#note(part.file, plan.line, nameOf(plan.service), level, message);
    }
  }

  #spelt(open: OpenText, object: Recorded, edits: readonly Edit[]): readonly TextEdit[] {
    return this.#mode.is === 'inject' ? withSpellings(open, object, edits) : spelledAgain(object, edits);
  }

  /** Its Service stands elsewhere; a name in it leads to Plumbline, a number past it. */
  #unserved({ file, line, who, isJob, isNew, takeover }: Pods): void {
    if (!isNew || isJob || takeover === undefined || takeover.renamed) return;
    const { app, traffic } = takeover;
    const what = `its app's port ${app.number} has no name, and no Service in the input selects it: a Service elsewhere must say targetPort: ${traffic.name}`;
    this.#note(file, line, who, 'warning', what);
  }

  #note(file: string, line: number, who: string | undefined, level: Note['level'], message: string): void {
    this.#notes.push({ file, line, who, level, message });
  }
}

function selectorOf({ value }: ServiceManifest): unknown {
  const { spec } = value as { readonly spec?: { readonly selector?: unknown } | null };
  return spec?.selector;
}

const isWorkload = (manifest: Manifest): manifest is Workload => manifest.is === 'workload';
const isService = (manifest: Manifest): manifest is ServiceManifest => manifest.is === 'service';
