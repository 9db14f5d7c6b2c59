import type { CheckJob, CheckPool, CheckedBody } from '../../src/core/body-checking.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';

/** Judges on the event loop, as soon as somebody asks. */
export const checkHere: CheckPool = {
  check: ({ operation, request, response, body, bytes }: CheckJob): Promise<CheckedBody> => {
    const parsed = new ParsedBody(body, bytes);
    const outcome =
      response === undefined ? operation.checkRequestBody(request, parsed) : operation.checkResponseBody(request, response, parsed);
    return Promise.resolve({
      outcome,
      deprecated: operation.deprecatedParts?.inBody(request, response, parsed) ?? [],
      drift: operation.driftParts?.inBody(request, response, parsed) ?? [],
    });
  },
};
