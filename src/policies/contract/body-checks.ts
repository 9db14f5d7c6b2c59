import type { Contract, ContractResponse, Operation, Outcome, Side } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerList } from '../../core/headers.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { BodyDecoder, CheckJob, CheckPool } from '../../core/body-checking.ts';
import type { Maybe } from '../../core/stage.ts';
import { addDeprecated, noteDeprecated } from './deprecated.ts';
import type { Drifting } from './drifting.ts';
import type { Judging } from './judging.ts';
import { next } from './next.ts';
import type { Record } from './record.ts';
import { skipped } from './verdict.ts';

/** Larger bodies are judged by the worker: parsing one of them would hold up every other exchange. */
const HERE_BYTES = 256 * 1024;

/** Judges bodies that are here: what is encoded is decoded first, what is large goes to the worker. What is neither waits for nothing. */
export class BodyChecks {
  readonly #record: Record;
  readonly #drifting: Drifting;
  readonly #contract: RouteSpec['contract'];
  readonly #decoder: BodyDecoder;
  readonly #pool: CheckPool;
  readonly #maxBytes: number;

  constructor(record: Record, drifting: Drifting, route: RouteSpec, deps: Deps, maxBytes: number) {
    this.#record = record;
    this.#drifting = drifting;
    this.#contract = route.contract;
    this.#decoder = deps.decoder;
    this.#pool = deps.checkPool;
    this.#maxBytes = maxBytes;
  }

  /** `begin`: when the verdict on this side was begun (`Record.now`). `heldBack`: what waits for it. */
  request(
    x: Exchange,
    judging: Judging,
    operation: Operation,
    chunks: readonly Uint8Array[],
    begin: number,
    heldBack: CheckJob['heldBack'],
  ): Maybe<Outcome> {
    return this.#judge('request', x, judging, operation, undefined, chunks, begin, heldBack);
  }

  response(
    x: Exchange,
    judging: Judging,
    operation: Operation,
    answer: ContractResponse,
    chunks: readonly Uint8Array[],
    begin: number,
    heldBack: CheckJob['heldBack'],
  ): Maybe<Outcome> {
    return this.#judge('response', x, judging, operation, answer, chunks, begin, heldBack);
  }

  #judge(
    side: Side,
    x: Exchange,
    judging: Judging,
    operation: Operation,
    response: ContractResponse | undefined,
    chunks: readonly Uint8Array[],
    begin: number,
    heldBack: CheckJob['heldBack'],
  ): Maybe<Outcome> {
    const { request } = x;
    return next(this.#plain((response ?? request).headers, chunks), (body) => {
      if (typeof body === 'string') return skipped(body);
      const bytes = size(body);
      const there = (contract: Contract): Promise<Outcome> => {
        const wantsDrift = this.#drifting.looksAt(x, judging, response);
        return this.#there(x, judging, { contract, operation, side, request, response, body, bytes, heldBack, wantsDrift });
      };
      if (bytes > HERE_BYTES && this.#contract !== undefined) return there(this.#contract);
      const whole = bytes === 0 ? undefined : new ParsedBody(body, bytes);
      const outcome =
        response === undefined ? operation.checkRequestBody(request, whole) : operation.checkResponseBody(request, response, whole);
      // Too much for the event loop is not too much for the worker, where nothing else waits for it.
      if (outcome.is === 'skipped' && outcome.reason === 'too_large' && this.#contract !== undefined) return there(this.#contract);
      this.#record.took(side, begin);
      if (whole !== undefined && outcome.is !== 'skipped') this.#drifting.ofBody(x, judging, operation, response, whole);
      if (operation.deprecatedParts !== undefined && whole !== undefined) noteDeprecated(x, operation.deprecatedParts, response, whole);
      return outcome;
    });
  }

  async #there(x: Exchange, judging: Judging, job: CheckJob): Promise<Outcome> {
    const { outcome, deprecated, drift } = await this.#pool.check(job);
    addDeprecated(x, deprecated);
    if (outcome.is !== 'skipped') this.#drifting.found(x, judging, job.response, drift);
    return outcome;
  }

  #plain(headers: RawHeaders, chunks: readonly Uint8Array[]): ReturnType<BodyDecoder['decode']> | readonly Uint8Array[] {
    const coding = headerList(headers, 'content-encoding');
    return coding === undefined || chunks.length === 0 ? chunks : this.#decoder.decode(coding, chunks, this.#maxBytes);
  }
}

function size(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
}
