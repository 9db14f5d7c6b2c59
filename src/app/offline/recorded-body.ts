import type { BodyDigest, RequestBody, RequestBodyState } from '../../core/exchange.ts';
import type { BodyTap, Copy } from '../../core/stage.ts';
import type { RecordedBody } from '../../observation/traffic/recorded.ts';

/** What a body that was not recorded is told as: one that could not be kept. Here nothing else is. */
export const UNRECORDED = 'overload';

/** A request body out of a recording: it has wholly arrived, or nobody kept it. */
export class OfflineBody implements RequestBody {
  readonly state: RequestBodyState;
  readonly receivedBytes: number;
  readonly awaited = false;
  readonly replayable = true;
  readonly #body: RecordedBody;
  #wantsCopy = false;
  #tap: BodyTap | undefined;

  constructor(body: RecordedBody) {
    this.#body = body;
    this.state = body === 'absent' ? 'none' : 'ended';
    this.receivedBytes = typeof body === 'string' ? 0 : body.byteLength;
  }

  whole(): ReturnType<RequestBody['whole']> {
    return this.#body === 'unrecorded' ? UNRECORDED : chunksOf(this.#body);
  }

  copy(): void {
    this.#wantsCopy = true;
  }

  tap(tap: BodyTap): void {
    this.#tap = tap;
  }

  digest(): BodyDigest {
    return { value: () => undefined };
  }

  /** Shows it to the tap that was asked for, and gives the copy that was. */
  goBy(): Copy | undefined {
    if (this.#tap !== undefined) show(this.#body, this.#tap);
    return this.#wantsCopy ? copyOf(this.#body) : undefined;
  }
}

function chunksOf(body: RecordedBody): readonly Uint8Array[] {
  return typeof body === 'string' ? [] : [body];
}

export function copyOf(body: RecordedBody): Copy {
  if (body === 'unrecorded') return { chunks: undefined, unread: UNRECORDED, bytes: 0 };
  return { chunks: chunksOf(body), unread: undefined, bytes: typeof body === 'string' ? 0 : body.byteLength };
}

export function show(body: RecordedBody, tap: BodyTap): void {
  if (body === 'unrecorded') return tap.onCut(UNRECORDED);
  for (const chunk of chunksOf(body)) tap.onData(chunk);
  tap.onEnd();
}
