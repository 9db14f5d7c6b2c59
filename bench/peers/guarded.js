// http-proxy with what one would put around it by hand: a rate limit in memory and Ajv on both bodies. One limit and one schema a side,
// no metrics, no log, no retries, no breaker, no idempotency: the least of what a row "all policies" of Plumbline does.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { Readable } from 'node:stream';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import httpProxy from 'http-proxy';
import { load } from 'js-yaml';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const [port, target] = process.argv.slice(2);
const ajv = new Ajv({ strict: false });
addFormats(ajv);
ajv.addSchema(load(readFileSync(new URL('../contract.openapi.yaml', import.meta.url), 'utf8')), 'contract');
const schemaOf = (name) => ajv.compile({ $ref: `contract#/components/schemas/${name}` });
const [newOrder, order, page] = [
  schemaOf('NewOrder'),
  schemaOf('Order'),
  ajv.compile({ $ref: 'contract#/paths/~1v1~1orders/get/responses/200/content/application~1json/schema' }),
];
const limiter = new RateLimiterMemory({ points: 1_000_000, duration: 1 });

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const proxy = httpProxy.createProxyServer({ target, agent, selfHandleResponse: true });
proxy.on('error', (_error, _req, res) => res.destroy());
proxy.on('proxyRes', (answer, req, res) => {
  const chunks = [];
  answer.on('data', (chunk) => chunks.push(chunk));
  answer.on('end', () => {
    const body = Buffer.concat(chunks);
    const check = req.method === 'GET' && req.url.includes('?') ? page : order;
    if (!check(JSON.parse(body))) return refuse(res, 502);
    res.writeHead(answer.statusCode, answer.headers);
    res.end(body);
  });
});

function refuse(res, status) {
  res.writeHead(status);
  res.end();
}

http
  .createServer((req, res) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.length > 0 && !newOrder(JSON.parse(body))) return refuse(res, 422);
      limiter.consume(req.socket.remoteAddress).then(
        () => proxy.web(req, res, { buffer: Readable.from(body.length > 0 ? [body] : []) }),
        () => refuse(res, 429),
      );
    });
  })
  .listen(Number(port), '127.0.0.1', 1024);
