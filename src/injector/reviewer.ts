import type { Counter, Histogram, Logger, Meter } from '../core/ports.ts';
import { applyEdits } from '../inject/edit.ts';
import { injectPod } from '../inject/inject.ts';
import { VERSION } from '../inject/image.ts';
import type { Injected, Refused, Where } from '../inject/result.ts';
import { jsonPatch } from './json-patch.ts';
import { injectorMetrics } from './metrics.ts';
import { ReviewError, type ReviewRequest, readReview } from './review.ts';
import type { ReviewReply } from './server.ts';
import type { InjectorSettings } from './settings-in-force.ts';
import { asWarnings, oneLine, shortened } from './warning.ts';
import { workloadOf } from './workload.ts';

/** What became of a review, as the metric counts it. */
export const OUTCOMES = ['injected', 'unchanged', 'refused', 'opted_out', 'invalid', 'failed'] as const;
type Outcome = (typeof OUTCOMES)[number];

export interface ReviewerParts {
  readonly settings: () => InjectorSettings;
  readonly meter: Meter;
  readonly logger: Logger;
  /** What tests put in its place. */
  readonly inject?: typeof injectPod;
}

/** The answer of admission.k8s.io/v1, without its uid. */
interface Verdict {
  readonly outcome: Outcome;
  readonly allowed: boolean;
  readonly patch?: string;
  readonly warnings?: readonly string[];
  /** Why, for the audit log. */
  readonly reason?: string;
}

/** Of what stands in the audit log and in the log. */
const MAX_REASON_LENGTH = 500;

/**
 * Answers reviews: the same edits that `plumbline inject` writes, as a JSON Patch (RFC 6902). Whatever a pod is like, it is created: without a
 * sidecar and with a warning where it cannot have one. The one exception is asked for by `onRefused: deny`.
 */
export class Reviewer {
  readonly #parts: ReviewerParts;
  readonly #inject: typeof injectPod;
  readonly #reviews: ReadonlyMap<string, Counter>;
  readonly #duration: Histogram;

  constructor(parts: ReviewerParts) {
    this.#parts = parts;
    this.#inject = parts.inject ?? injectPod;
    const reviews = parts.meter.counter(injectorMetrics.reviews);
    this.#reviews = new Map(OUTCOMES.map((outcome) => [outcome, reviews.with(outcome)]));
    this.#duration = parts.meter.histogram(injectorMetrics.duration).with();
  }

  /** Never throws. Nothing but counters and the log tells that it was called: a dry run is answered alike. */
  review(body: Uint8Array): ReviewReply {
    let request: ReviewRequest;
    try {
      request = readReview(body);
    } catch (error) {
      if (!(error instanceof ReviewError)) throw error;
      this.#parts.logger.warn({ reason: error.message }, 'a review that cannot be answered');
      return { status: 400, outcome: 'invalid', body: { type: 'about:blank', title: 'Bad Request', status: 400, detail: error.message } };
    }
    const verdict = this.#judge(request);
    return { status: 200, outcome: verdict.outcome, body: answerOf(request.uid, verdict) };
  }

  answered(outcome: string, seconds: number): void {
    this.#reviews.get(outcome)?.inc();
    this.#duration.observe(seconds);
  }

  #judge(request: ReviewRequest): Verdict {
    const { logger, settings } = this.#parts;
    const where = workloadOf(request.object, request.name, request.namespace);
    try {
      const verdict = this.#decide(request, where, settings());
      if (TOLD.has(verdict.outcome)) {
        const { outcome, reason, warnings = [] } = verdict;
        const said = warnings.map(told);
        const fields = {
          ...named(where),
          outcome,
          ...(reason !== undefined && { reason: told(reason) }),
          ...(said.length > 0 && { warnings: said }),
        };
        if (outcome === 'injected') logger.info(fields, 'a pod has its sidecar');
        else logger.warn(fields, verdict.allowed ? 'a pod stays without sidecar' : 'a pod is refused');
      }
      return verdict;
    } catch (error) {
      const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
      logger.error({ ...named(where), reason: fault }, 'a fault in Plumbline, please report it; the pod stays without sidecar');
      return { outcome: 'failed', allowed: true, warnings: ["not injected: a fault in Plumbline, of which the injector's log says more"] };
    }
  }

  #decide({ kind, operation, subResource, object }: ReviewRequest, where: Where, { inject, onRefused }: InjectorSettings): Verdict {
    if (kind.kind !== 'Pod' || kind.group !== '') {
      const reason = `${kind.kind} is no pod: the rules of the webhook name too much`;
      return { outcome: 'invalid', allowed: true, warnings: [`not injected: ${reason}`], reason };
    }
    // A pod's containers and ports stay what they were when it was made.
    if (operation !== 'CREATE' || subResource !== '' || object === undefined) return { outcome: 'unchanged', allowed: true };
    const result = this.#inject(object, where, inject);
    switch (result.is) {
      case 'injected':
        return { outcome: 'injected', allowed: true, patch: patchOf(object, result), warnings: result.warnings };
      case 'unchanged':
        return { outcome: result.why === 'disabled' ? 'opted_out' : 'unchanged', allowed: true, reason: result.why };
      case 'refused':
        return refusal(result, onRefused);
    }
  }
}

const TOLD: ReadonlySet<Outcome> = new Set(['injected', 'refused', 'invalid']);

function refusal({ code, reason }: Refused, onRefused: InjectorSettings['onRefused']): Verdict {
  const said = `not injected: ${reason}`;
  return { outcome: 'refused', allowed: !(onRefused === 'deny' && code === 'annotation'), warnings: [said], reason };
}

/**
 * Carried out here before it is handed on: an API server that cannot apply a patch refuses the pod, whatever the webhook's failurePolicy says. What it has
 * is what was sent to us. @throws where it does not fit: a fault of ours.
 */
function patchOf(pod: unknown, { edits }: Injected): string {
  applyEdits(pod, edits);
  return Buffer.from(JSON.stringify(jsonPatch(edits))).toString('base64');
}

/** `response` of an AdmissionReview, in one. */
function answerOf(uid: string, { outcome, allowed, patch, warnings = [], reason }: Verdict): object {
  const response = {
    uid,
    allowed,
    // One without the other is refused by the API server.
    ...(patch !== undefined && { patchType: 'JSONPatch', patch }),
    ...(!allowed && { status: { status: 'Failure', reason: 'Invalid', code: 422, message: `plumbline: ${told(reason ?? '')}` } }),
    ...(warnings.length > 0 && allowed && { warnings: asWarnings(warnings) }),
    // The API server puts the webhook's name and a slash before each key.
    auditAnnotations: { outcome, version: VERSION, ...(reason !== undefined && { reason: told(reason) }) },
  };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}

/** What is sent is quoted in it, and may be of any length. */
function told(reason: string): string {
  return shortened(oneLine(reason), MAX_REASON_LENGTH);
}

/** Names as they came may be of any length. */
function named({ kind, name, namespace = '' }: Where): object {
  return { namespace: shortened(oneLine(namespace), MAX_NAME_LENGTH), workload: shortened(oneLine(`${kind}/${name}`), MAX_NAME_LENGTH) };
}

const MAX_NAME_LENGTH = 300;
