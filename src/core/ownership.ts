import { type Infer, type Schema, checked, defaulted, durationMs, number, object, optional, record, string } from './schema.ts';

/** Whose an API is, as people write it: in a configuration, and in a contract document (`info.x-plumbline`). */
export const ownerSchema = object({
  team: optional(string({ maxLength: 256 }), 'Who owns the API.'),
  oncall: optional(string({ maxLength: 256 }), 'Whom to call.'),
  support: optional(string({ maxLength: 256 }), 'Where to ask.'),
});

/** Above 0 and below 100: of all requests, or of none, nothing can be promised. */
const PERCENTILE = /^p(?=.*[1-9])\d{1,2}(?:\.\d{1,3})?$/;

const promised = object({
  availability: optional(number({ min: 0, max: 1 }), 'Share of exchanges that must succeed: `0.999`.'),
  latency: defaulted(
    record(durationMs({ min: 1 }), { key: 'percentile like p95', pattern: PERCENTILE }),
    {},
    'Longest time to the answer, by percentile: `{ p95: 300ms }`.',
  ),
});

export type Owner = Infer<typeof ownerSchema>;

/** What was promised. `latency`: milliseconds by percentile (`p95`). */
export type Sla = Infer<typeof promised>;

/** What was promised, as people write it: in a configuration, and in a contract document (`info.x-plumbline`). */
export const slaSchema: Schema<Sla> = checked(promised, ({ latency }) => {
  const seen = new Set<number>();
  for (const name of Object.keys(latency)) {
    const share = shareOf(name);
    if (seen.has(share)) return { code: 'not_allowed', message: `${name} is there twice, written in two ways`, below: ['latency', name] };
    seen.add(share);
  }
  return undefined;
});

/** Who owns an API and what was promised; undefined where nobody says. */
export interface Ownership {
  readonly owner: Owner | undefined;
  readonly sla: Sla | undefined;
}

/** A promise of latency, ready to be counted against and shown. */
export interface LatencyObjective {
  /** As people write it, in one way only: `p95`, `p99.9`. */
  readonly percentile: string;
  /** Share of the answers that must keep it: 0.95. */
  readonly share: number;
  readonly thresholdMs: number;
}

/** By percentile, the lowest first. */
export function latencyObjectives(sla: Sla | undefined): readonly LatencyObjective[] {
  return Object.entries(sla?.latency ?? {})
    .map(([name, thresholdMs]) => ({ percentile: `p${Number(name.slice(1))}`, share: shareOf(name), thresholdMs }))
    .sort((a, b) => a.share - b.share);
}

/**
 * The one that every exchange is counted against: that of the highest percentile. Only there can a share of slow answers that is small be told from
 * the share that is allowed: of `p50`, half of all answers may be slow.
 */
export function countedLatency(sla: Sla | undefined): LatencyObjective | undefined {
  return latencyObjectives(sla).at(-1);
}

/** Member by member, what the configuration says before what the document says. `latency` is one member: all its percentiles, or none. */
export function ownershipOf(configured: Ownership, declared: Ownership | undefined): Ownership {
  const [own, theirs] = [configured, declared ?? NOBODY];
  const [owner, otherOwner] = [own.owner, theirs.owner];
  const [sla, otherSla] = [own.sla, theirs.sla];
  return {
    owner: (owner ?? otherOwner) && {
      team: owner?.team ?? otherOwner?.team,
      oncall: owner?.oncall ?? otherOwner?.oncall,
      support: owner?.support ?? otherOwner?.support,
    },
    sla: (sla ?? otherSla) && {
      availability: sla?.availability ?? otherSla?.availability,
      latency: says(sla) ? sla.latency : (otherSla?.latency ?? {}),
    },
  };
}

const NOBODY: Ownership = Object.freeze({ owner: undefined, sla: undefined });

function says(sla: Sla | undefined): sla is Sla {
  return sla !== undefined && Object.keys(sla.latency).length > 0;
}

/** 0.95 of `p95`; without the noise that a division leaves (`99.9 / 100`). */
function shareOf(percentile: string): number {
  return Math.round(Number(percentile.slice(1)) * 1000) / 100_000;
}
