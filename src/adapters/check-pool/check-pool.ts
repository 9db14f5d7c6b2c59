import type { Outcome } from '../../core/contract.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import type { CheckJob, CheckPool } from '../../core/body-checking.ts';

/** Judges on the event loop. */
export const checkHere: CheckPool = {
  check: ({ operation, request, response, body, bytes }: CheckJob): Promise<Outcome> => {
    const parsed = new ParsedBody(body, bytes);
    return Promise.resolve(
      response === undefined ? operation.checkRequestBody(request, parsed) : operation.checkResponseBody(request, response, parsed),
    );
  },
};
