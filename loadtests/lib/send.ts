import exec from 'k6/execution';
import http, { type RefinedParams, type RefinedResponse, type ResponseType } from 'k6/http';
import { check } from 'k6';
import { type Ask, fill } from './traffic.ts';

/** Longer than any answer should take, and shorter than the time that a scenario leaves for what is under way at its end. */
export const TIMEOUT = '8s';

/** A text that no other iteration has, in this run or another. */
export function uniqueText(): string {
  const { name, startTime, iterationInTest } = exec.scenario;
  return `k6-${name}-${Math.floor(startTime).toString(36)}-${iterationInTest}`;
}

/** The entry that is this iteration's turn. @throws where there is none. */
export function turnOf(wheel: readonly Ask[]): Ask {
  const ask = wheel[exec.scenario.iterationInTest % wheel.length];
  if (ask === undefined) throw new Error('no requests to send');
  return ask;
}

/** Method, address, body and parameters of a request, as `http.request` and `http.batch` take them. */
export interface Made {
  readonly method: string;
  readonly url: string;
  readonly body: string | null;
  readonly params: RefinedParams<'text'>;
}

/** `expected`: status codes that do not count as failed. */
export function make(base: string, ask: Ask, unique: string, expected: readonly number[] = ask.status): Made {
  const { path, headers, body } = fill(ask, unique);
  return {
    method: ask.method,
    url: base + path,
    body,
    params: {
      headers: { 'x-consumer-name': 'load-test', ...headers },
      // Else each path would be a row of its own, and the unique part of it grow without end.
      tags: { name: ask.name },
      timeout: TIMEOUT,
      redirects: 0,
      responseType: 'text',
      responseCallback: http.expectedStatuses(...expected),
    },
  };
}

/** Sends it and checks the status. */
export function send(base: string, ask: Ask): RefinedResponse<ResponseType> {
  const { method, url, body, params } = make(base, ask, uniqueText());
  const answer = http.request(method, url, body, params);
  check(answer, { 'the status is as expected': ({ status }) => ask.status.includes(status) });
  return answer;
}
