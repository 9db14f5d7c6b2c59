// http-proxy 1.18.1 at its best: with a keep-alive agent, without which it opens a connection for each request.
import http from 'node:http';
import httpProxy from 'http-proxy';

const [port, target] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const proxy = httpProxy.createProxyServer({ target, agent });
proxy.on('error', (_error, _req, res) => res.destroy());
http.createServer((req, res) => proxy.web(req, res)).listen(Number(port), '127.0.0.1', 1024);
