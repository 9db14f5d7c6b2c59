// @fastify/http-proxy, which forwards with undici.
import httpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';

const [port, upstream] = process.argv.slice(2);
const app = Fastify();
app.register(httpProxy, { upstream, undici: { connections: 256, pipelining: 1 } });
await app.listen({ host: '127.0.0.1', port: Number(port), backlog: 1024 });
