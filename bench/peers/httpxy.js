// httpxy, the maintained port of http-proxy, with a keep-alive agent.
import http from 'node:http';
import { createProxyServer } from 'httpxy';

const [port, target] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
const proxy = createProxyServer({ target, agent });
proxy.on('error', (_error, _req, res) => res?.destroy?.());
http.createServer((req, res) => void proxy.web(req, res)).listen(Number(port), '127.0.0.1', 1024);
