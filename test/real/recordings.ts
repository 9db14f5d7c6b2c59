import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, SCENARIOS_PATH } from './github.ts';

/** One exchange as `@octokit/fixtures` has it in `raw-fixture.json`: recorded by nock, bodies parsed where they were JSON. */
interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
  readonly status: number;
  readonly response: Json;
  /** Names and values in turn, as received. */
  readonly rawHeaders: readonly string[];
  readonly reqheaders: Readonly<Record<string, string | number>>;
  readonly responseIsBinary: boolean;
}

/** A recorded exchange as it can be sent again. Headers are flat: name, value, name, value. */
export interface Recording {
  /** Scenario and position in it: `get-root#0`. */
  readonly name: string;
  readonly method: string;
  /** Path with query. */
  readonly target: string;
  readonly requestHeaders: readonly string[];
  readonly requestBody: Buffer;
  readonly status: number;
  readonly responseHeaders: readonly string[];
  readonly responseBody: Buffer;
  /** What the recording says of the answer's length in bytes; undefined: nothing. */
  readonly recordedLength: number | undefined;
}

/**
 * Every recorded exchange, scenarios in the order of their names. `normalized-fixture.json` beside each file is not read: it is made from
 * the same recording, with the requests left out that set a scenario up, and with values that no server sent.
 */
export function readRecordings(): Recording[] {
  return readdirSync(SCENARIOS_PATH)
    .sort()
    .flatMap((scenario) => {
      const recorded = JSON.parse(readFileSync(join(SCENARIOS_PATH, scenario, 'raw-fixture.json'), 'utf8')) as readonly Recorded[];
      return recorded.map((exchange, index) => recordingOf(`${scenario}#${index}`, exchange));
    });
}

/** Node's client, which was recorded, adds `Content-Length: 0` to these where there is no body, below the place where nock records. */
const EXPECTS_BODY: ReadonlySet<string> = new Set(['PATCH', 'POST', 'PUT']);

/**
 * What is changed, since the bodies are not kept as the bytes that they were: JSON is written again, hexadecimal is bytes again, Content-Length is the new length. `connection: close` is left out so that one connection
 * serves all; Transfer-Encoding stays, and the origin sends such an answer in chunks. No recorded answer has a Content-Encoding.
 */
function recordingOf(name: string, recorded: Recorded): Recording {
  const requestBody = bytesOf(recorded.body, 'text');
  const responseBody = bytesOf(recorded.response, recorded.responseIsBinary ? 'hex' : 'text');
  const method = recorded.method.toUpperCase();
  const requestHeaders = Object.entries(recorded.reqheaders).map(([field, value]): Field => [field, String(value)]);
  if (EXPECTS_BODY.has(method) && fieldIn(requestHeaders, 'content-length') === undefined) requestHeaders.push(['content-length', '']);
  const responseHeaders = recorded.rawHeaders.flatMap((field, i): Field[] =>
    i % 2 === 0 ? [[field, recorded.rawHeaders[i + 1] ?? '']] : [],
  );
  const length = fieldIn(responseHeaders, 'content-length');
  if (fieldIn(responseHeaders, 'content-encoding') !== undefined)
    throw new Error(`${name}: an encoded body, which is not recorded as sent`);
  return {
    name,
    method,
    target: recorded.path,
    requestHeaders: withLength(requestHeaders, requestBody),
    requestBody,
    status: recorded.status,
    responseHeaders: withLength(responseHeaders, responseBody),
    responseBody,
    recordedLength: length === undefined ? undefined : Number(length),
  };
}

type Field = readonly [name: string, value: string];

function fieldIn(fields: readonly Field[], lower: string): string | undefined {
  return fields.find(([field]) => field.toLowerCase() === lower)?.[1];
}

function bytesOf(body: Json, written: 'text' | 'hex'): Buffer {
  if (typeof body === 'string') return Buffer.from(body, written === 'hex' ? 'hex' : 'utf8');
  return Buffer.from(JSON.stringify(body));
}

function withLength(fields: readonly Field[], body: Buffer): string[] {
  return fields
    .filter(([field]) => field.toLowerCase() !== 'connection')
    .flatMap(([field, value]) => [field, field.toLowerCase() === 'content-length' ? String(body.length) : value]);
}
