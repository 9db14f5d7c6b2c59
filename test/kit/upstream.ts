import type { Attempt } from '../../src/core/exchange.ts';
import type { BodySink, BodySource, Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../../src/core/ports.ts';

export interface FakeCall {
  readonly request: UpstreamRequest;
  readonly to: UpstreamSink;
  readonly t: Attempt;
  /** What came of the body, as text; a body handed over whole is here at once. */
  body: string;
  bodyEnded: boolean;
  aborted: boolean;
}

/** An upstream that keeps what it is sent and says what a test makes it say, through `to` of the call. */
export class FakeUpstream implements Upstream {
  readonly calls: FakeCall[] = [];

  send(request: UpstreamRequest, t: Attempt, to: UpstreamSink): UpstreamCall {
    t.sent = 'all';
    const { body } = request;
    const whole = body === undefined || body instanceof Uint8Array;
    const call: FakeCall = { request, to, t, body: whole ? text(body) : '', bodyEnded: whole, aborted: false };
    this.calls.push(call);
    if (!whole) (body as BodySource).start(sinkOf(call));
    return {
      pause: () => undefined,
      resume: () => undefined,
      abort: () => {
        call.aborted = true;
      },
    };
  }

  /** The last call, while it has not been given up. */
  get live(): FakeCall | undefined {
    const call = this.calls.at(-1);
    return call?.aborted === false ? call : undefined;
  }
}

function sinkOf(call: FakeCall): BodySink {
  return {
    write: (chunk) => {
      call.body += text(chunk);
      return true;
    },
    end: () => {
      call.bodyEnded = true;
    },
  };
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString();
}
