/** O4: spans over OTLP. What a caller began goes on in the gateway's spans and in the upstream's, and a collector never hurts anybody. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type CollectedSpan, startCollector } from '../kit/collector.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const SERVER = 2;
const CLIENT = 3;

const get = (flags: string, target = '/v1/a?token=secret'): string[] => [
  `GET ${target} HTTP/1.1`,
  'Host: billing.example',
  `traceparent: 00-${TRACE}-${CALLER}-${flags}`,
  'tracestate: vendor=1',
];

/** `telemetry` replaces what the kit writes there, so the log's place is said again. */
const traced = (otlp: string, sample = 1) => ({ sections: { telemetry: { accessLog: 'access.log', traces: { otlp, sample } } } });

const parentSeen = (headers: readonly string[]): string | undefined => header(headers, 'traceparent')?.split('-')[2];
const ofKind = (spans: readonly CollectedSpan[], kind: number): CollectedSpan[] => spans.filter((span) => span.kind === kind);

describe('the spans of an exchange', () => {
  test('go on from the caller’s to the upstream’s: SERVER below the caller, CLIENT below SERVER, the upstream below CLIENT', async () => {
    await using collector = await startCollector();
    await using origin = await startOrigin();
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(`${collector.url}/base`) });
    const before = BigInt(Date.now()) * 1_000_000n;
    await exchangeRaw(gateway.port, get('01'));
    await gateway.idle();
    const after = BigInt(Date.now() + 2) * 1_000_000n;
    await gateway[Symbol.asyncDispose]();

    const [server, client] = [ofKind(collector.spans, SERVER)[0], ofKind(collector.spans, CLIENT)[0]] as [CollectedSpan, CollectedSpan];
    expect(collector.spans).toHaveLength(2);
    expect(collector.paths).toEqual(['/base/v1/traces']);
    expect(server).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, traceState: 'vendor=1', flags: 0x301, name: 'GET' });
    expect(client).toMatchObject({ traceId: TRACE, parentSpanId: server.spanId, traceState: 'vendor=1', flags: 0x101 });
    expect(parentSeen(origin.requests[0]?.headers ?? [])).toBe(client.spanId);
    expect(server.attributes).toMatchObject({ 'url.path': '/v1/a', 'http.response.status_code': 200, 'server.address': 'billing.example' });
    expect(client.attributes).toMatchObject({
      'url.full': `${origin.url}/v1/a`,
      'http.response.status_code': 200,
      'server.port': origin.port,
    });
    expect(JSON.stringify(collector.spans)).not.toContain('secret');
    const times = [before, server.startTimeUnixNano, client.startTimeUnixNano, client.endTimeUnixNano, server.endTimeUnixNano, after].map(
      BigInt,
    );
    expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(collector.resources[0]).toMatchObject({ 'service.name': 'unnamed', 'telemetry.sdk.name': 'plumbline' });
    expect(collector.resources[0]?.['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('are not made where the caller says not sampled, and the upstream hears the same', async () => {
    await using collector = await startCollector();
    await using origin = await startOrigin();
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await exchangeRaw(gateway.port, get('00'));
    await gateway[Symbol.asyncDispose]();
    expect(collector.paths).toEqual([]);
    expect(header(origin.requests[0]?.headers ?? [], 'traceparent')).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  test('are made of the traces that begin here as their IDs say; those that are not say so', async () => {
    await using collector = await startCollector();
    await using origin = await startOrigin();
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url, 0.5) });
    for (let i = 0; i < 40; i++) await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
    await gateway[Symbol.asyncDispose]();
    const told = origin.requests.map(({ headers }) => header(headers, 'traceparent')?.split('-') as string[]);
    const sampled = told.filter(([, trace]) => (trace as string).slice(18) >= '80000000000000').map(([, trace]) => trace);
    expect(told.map(([, trace, , flags]) => [trace, flags])).toEqual(told.map(([, t]) => [t, sampled.includes(t) ? '03' : '02']));
    expect(ofKind(collector.spans, SERVER).map(({ traceId }) => traceId)).toEqual(sampled);
  });

  test('are one CLIENT span for each try', async () => {
    const seen: Array<string | undefined> = [];
    await using collector = await startCollector();
    await using origin = await startRawOrigin(async (c, index) => {
      for (let i = 0; ; i++) {
        const { headers } = await readRequest(c);
        seen.push(parentSeen(headers));
        if (index === 0 && i === 1) return c.reset();
        c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await exchangeRaw(gateway.port, ['GET /first HTTP/1.1', 'Host: x']);
    expect((await exchangeRaw(gateway.port, get('01'))).status).toBe(200);
    await gateway[Symbol.asyncDispose]();
    const mine = collector.spans.filter(({ traceId }) => traceId === TRACE);
    const [server] = ofKind(mine, SERVER) as [CollectedSpan];
    const tries = ofKind(mine, CLIENT);
    expect(tries.map(({ spanId }) => spanId)).toEqual(seen.slice(1));
    expect(tries.map(({ parentSpanId }) => parentSpanId)).toEqual([server.spanId, server.spanId]);
    expect(tries.map(({ attributes }) => [attributes['error.type'], attributes['http.request.resend_count']])).toEqual([
      ['UPSTREAM_RESET', undefined],
      [undefined, 1],
    ]);
    expect([tries.map(({ status }) => status.code), server.status.code]).toEqual([[2, undefined], undefined]);
  });

  test('carry what the contract found, without what was sent', async () => {
    const openapi = {
      openapi: '3.1.0',
      info: { title: 'Test', version: '1.2.0' },
      paths: {
        '/payments/{id}': {
          put: {
            operationId: 'putPayment',
            parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
            requestBody: {
              content: { 'application/json': { schema: { type: 'object', properties: { amount: { type: 'integer' } } } } },
            },
            responses: { 200: { description: 'Done.' } },
          },
        },
      },
    };
    await using collector = await startCollector();
    await using origin = await startOrigin((_req, res) => void res.end());
    const gateway = await startTestGateway({ upstream: origin.port, openapi, ...traced(collector.url) });
    const body = '{"amount":"hunter2"}';
    await exchangeRaw(
      gateway.port,
      ['PUT /payments/7 HTTP/1.1', 'Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`],
      body,
    );
    await gateway[Symbol.asyncDispose]();
    const [server] = ofKind(collector.spans, SERVER) as [CollectedSpan];
    expect(server).toMatchObject({ name: 'PUT /payments/{id}', status: {} });
    expect(server.attributes).toMatchObject({
      'http.route': '/payments/{id}',
      'plumbline.operation': 'putPayment',
      'plumbline.contract.version': '1.2.0',
      'plumbline.violations': 1,
    });
    expect(server.events).toEqual([
      {
        name: 'plumbline.violation',
        attributes: {
          'plumbline.violation.rule': 'type',
          'plumbline.violation.side': 'request',
          'plumbline.violation.location': 'body',
          'plumbline.violation.pointer': '/amount',
          'plumbline.violation.mode': 'report',
        },
      },
      {
        name: 'plumbline.finding',
        attributes: {
          'plumbline.finding.id': expect.stringMatching(/^[0-9a-f]{16}$/),
          'plumbline.finding.kind': 'invalid_accepted',
          'plumbline.finding.side': 'request',
          'plumbline.finding.location': 'body',
          'plumbline.finding.pointer': '/amount',
        },
      },
    ]);
    expect(JSON.stringify(collector.spans)).not.toContain('hunter2');
  });

  test('can be found from a bucket of the histogram', async () => {
    await using collector = await startCollector();
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await exchangeRaw(gateway.port, get('01'));
    await gateway.idle();
    const scrape = async (accept: string): Promise<string[]> => {
      const text = await (await fetch(`${gateway.adminUrl}/metrics`, { headers: { accept } })).text();
      return text.split('\n').filter((line) => line.includes(TRACE));
    };
    const lines = await scrape('application/openmetrics-text;version=1.0.0');
    expect(lines.map((line) => line.slice(0, line.indexOf('{'))).sort()).toEqual([
      'plumbline_request_duration_seconds_bucket',
      'plumbline_upstream_attempt_duration_seconds_bucket',
    ]);
    expect(lines[0]).toMatch(new RegExp(` # \\{trace_id="${TRACE}",span_id="[0-9a-f]{16}"\\} \\d[\\d.e-]* \\d+(\\.\\d+)?$`));
    expect(await scrape('text/plain')).toEqual([]);
  });
});

/** As many requests as make a full batch: each is a SERVER and a CLIENT span. */
async function fullBatch(port: number): Promise<number[]> {
  const c = await connectRaw(port);
  const statuses: number[] = [];
  for (let i = 0; i < 256; i++) {
    sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
    statuses.push((await readResponse(c)).status);
  }
  c.destroy();
  return statuses;
}

describe('a collector', () => {
  test('gets a full batch without waiting; what it has taken is counted', async () => {
    await using collector = await startCollector();
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await fullBatch(gateway.port);
    await until(async () => (await gateway.metrics()).value('plumbline_spans_exported_total') === 512, '512 spans');
    expect([collector.spans.length, collector.paths.length]).toEqual([512, 1]);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(512);
  });

  test('that asks for time gets the batch again, the same', async () => {
    await using collector = await startCollector((response, count) => {
      if (count === 1) response.writeHead(503, { 'Retry-After': '0' }).end();
      else response.end('{}');
    });
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await fullBatch(gateway.port);
    await until(async () => (await gateway.metrics()).value('plumbline_spans_exported_total') === 512, '512 spans');
    expect(collector.spans.slice(512)).toEqual(collector.spans.slice(0, 512));
  });

  test('that is not there is nobody’s trouble: all is answered, and the end is not held up', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await until(() => closed.listening, 'a port');
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    await using origin = await startOrigin();
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(`http://127.0.0.1:${port}`) });
    expect(new Set(await fullBatch(gateway.port))).toEqual(new Set([200]));
    const began = performance.now();
    await gateway[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(1500);
  });

  test('that never answers holds the end up for two seconds, no longer', async () => {
    await using collector = await startCollector(() => undefined);
    await using origin = await startOrigin();
    const gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    expect((await exchangeRaw(gateway.port, get('01'))).status).toBe(200);
    const began = performance.now();
    await gateway[Symbol.asyncDispose]();
    const tookMs = performance.now() - began;
    expect([collector.spans.length, tookMs > 1500, tookMs < 5000]).toEqual([2, true, true]);
  });

  test('whose answer does not end costs its connection, and nothing else', async () => {
    await using collector = await startCollector((response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    });
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, ...traced(collector.url) });
    await fullBatch(gateway.port);
    await until(async () => (await gateway.metrics()).value('plumbline_spans_exported_total') === 512, '512 spans');
    expect((await exchangeRaw(gateway.port, get('01'))).status).toBe(200);
  });
});
