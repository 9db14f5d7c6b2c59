import type { CheckJob, CheckPool, CheckedBody } from '../../core/body-checking.ts';
import { ParsedBody } from '../../core/parsed-body.ts';

/** Judges large bodies where it is asked: there is no traffic that would have to wait for it. */
export const checkHere: CheckPool = {
  check: ({ operation, request, response, body, bytes, wantsDrift }: CheckJob): Promise<CheckedBody> => {
    const parsed = new ParsedBody(body, bytes);
    const outcome =
      response === undefined ? operation.checkRequestBody(request, parsed) : operation.checkResponseBody(request, response, parsed);
    return Promise.resolve({
      outcome,
      deprecated: operation.deprecatedParts?.inBody(request, response, parsed) ?? [],
      drift: (wantsDrift ? operation.driftParts?.inBody(request, response, parsed) : undefined) ?? [],
    });
  },
};
