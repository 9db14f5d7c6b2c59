import type { Labels } from './cells.ts';
import { ownString } from './label-value.ts';

/**
 * The last observation of a bucket that belongs to an exported span (OpenMetrics 1.0, "Exemplars"), in the shape that the client
 * library's printer reads. Trace and span ID are 32 and 16 digits: with the names 63 characters, where 128 are allowed.
 */
export class Exemplar {
  readonly labelSet: Labels;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;

  constructor(traceId: string, spanId: string, value: number, timestamp: number) {
    this.labelSet = { trace_id: ownString(traceId), span_id: ownString(spanId) };
    this.value = value;
    this.timestamp = timestamp;
  }
}
