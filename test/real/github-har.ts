import { type Recording, readRecordings } from './recordings.ts';

/** The recordings do not say when; the fixtures' own names say July 2022. */
const RECORDED_AT = '2022-07-19T04:40:00.000Z';

/** The recorded traffic as an HTTP Archive 1.2, for any tool that reads one. Hosts are those that the recorded requests name. */
export function harOf(recordings: readonly Recording[]): object {
  return { log: { version: '1.2', creator: { name: '@octokit/fixtures', version: '' }, entries: recordings.map(entryOf) } };
}

function entryOf({ method, target, requestHeaders, requestBody, status, responseHeaders, responseBody }: Recording): object {
  const [sent, got] = [firstOf(requestHeaders, 'content-type'), firstOf(responseHeaders, 'content-type')];
  return {
    startedDateTime: RECORDED_AT,
    time: 0,
    request: {
      method,
      url: `https://${firstOf(requestHeaders, 'host')}${target}`,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: listed(requestHeaders),
      queryString: [],
      headersSize: -1,
      bodySize: requestBody.length,
      ...(requestBody.length > 0 && { postData: { mimeType: sent, text: requestBody.toString() } }),
    },
    response: {
      status,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: listed(responseHeaders),
      content: { size: responseBody.length, mimeType: got, ...(responseBody.length > 0 && contentOf(responseBody, got)) },
      redirectURL: '',
      headersSize: -1,
      bodySize: responseBody.length,
    },
    cache: {},
    timings: { send: 0, wait: 0, receive: 0 },
  };
}

function contentOf(body: Buffer, type: string): object {
  return /json|text|xml/.test(type) ? { text: body.toString() } : { text: body.toString('base64'), encoding: 'base64' };
}

function listed(fields: readonly string[]): object[] {
  return fields.flatMap((name, i) => (i % 2 === 0 ? [{ name, value: fields[i + 1] ?? '' }] : []));
}

function firstOf(fields: readonly string[], lower: string): string {
  const at = fields.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === lower);
  return at < 0 ? '' : (fields[at + 1] ?? '');
}

/** `node test/real/github-har.ts > github.har` */
if (import.meta.main) process.stdout.write(JSON.stringify(harOf(readRecordings())));
