import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { versionOf, which } from './machine.ts';
import type { RowName } from './plan.ts';
import { freePort, launch, MEASURED_CORE, type Running, untilAnswers } from './processes.ts';

/** A row that is up. `admin`: of Plumbline alone. */
export interface Target {
  readonly running: Running;
  readonly url: string;
  readonly admin: string | undefined;
  /** Where it is not in the row's title. */
  readonly version: string;
}

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const READY_MS = 15_000;

/** Every Node process gets the flags that Plumbline gives itself, so that no row wins by a setting. */
const NODE_FLAGS = ['--max-semi-space-size=32', '--no-allocation-site-pretenuring'];

/** Every policy but `precondition` (no exchange of the benchmark has a version), with numbers that no request of the benchmark exceeds: what is measured is what they cost where all goes well. */
const ALL_POLICIES = `      deadline: { total: 15s, attempt: 5s }
      loadShed: { eventLoopLag: 10s, inFlight: 10000 }
      rateLimit: [{ name: all, rate: 1000000, per: 1s, burst: 1000000, key: consumer }]
      fallback: { static: { status: 200, body: "{}" } }
      idempotency: { required: [createOrder] }
      retry: { attempts: 3 }
      concurrency: { limit: 256, queue: 256 }
      circuitBreaker: {}
`;

type Start = (upstream: string, port: number, folder: string) => Promise<Target>;

const node =
  (script: string): Start =>
  (upstream, port) =>
    up(launch(process.execPath, [...NODE_FLAGS, join(here, script), String(port), upstream], { core: MEASURED_CORE }), port);

const STARTS: Readonly<Record<RowName, Start>> = {
  floor: node('floor.ts'),
  off: plumbline('off'),
  report: plumbline('report'),
  enforce: plumbline('enforce'),
  policies: plumbline('report', ALL_POLICIES),
  'http-proxy': node('peers/http-proxy.js'),
  guarded: node('peers/guarded.js'),
  httpxy: node('peers/httpxy.js'),
  fastify: node('peers/fastify.js'),
  prism: (upstream, port) => {
    const args = [join(here, 'node_modules/@stoplight/prism-cli/dist/index.js'), 'proxy', join(here, 'contract.openapi.yaml'), upstream];
    const flags = ['-h', '127.0.0.1', '-p', String(port)];
    return up(launch(process.execPath, [...NODE_FLAGS, ...args, ...flags], { core: MEASURED_CORE }), port);
  },
  nginx: (upstream, port, folder) => {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, nginxConf(upstream, port, folder));
    const program = installed('nginx');
    return up(launch(program, ['-e', 'stderr', '-p', folder, '-c', file], { core: MEASURED_CORE }), port, versionOf(program, '-v'));
  },
  haproxy: (upstream, port, folder) => {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, haproxyConf(upstream, port));
    const program = installed('haproxy');
    return up(launch(program, ['-db', '-f', file], { core: MEASURED_CORE }), port, versionOf(program, '-v'));
  },
};

/** Starts a row in front of `upstream`. `folder`: for its files. @throws why it cannot be had. */
export async function startTarget(row: RowName, upstream: string, folder: string): Promise<Target> {
  mkdirSync(folder, { recursive: true });
  return STARTS[row](upstream, await freePort(), folder);
}

async function up(running: Running, port: number, version = ''): Promise<Target> {
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/v1/orders/ord_1001`, running, READY_MS);
  return { running, url, admin: undefined, version };
}

/** As users run it: the command line, a configuration file, the access log on standard output. */
function plumbline(mode: 'off' | 'report' | 'enforce', policies = ''): Start {
  return async (upstream, port, folder) => {
    const adminPort = await freePort();
    const file = join(folder, 'plumbline.yaml');
    writeFileSync(file, plumblineConf(upstream, port, adminPort, mode, policies));
    const running = launch(process.execPath, ['bin/plumbline.js', 'run', '--config', file], { core: MEASURED_CORE, cwd: root });
    const admin = `http://127.0.0.1:${adminPort}`;
    await untilAnswers(`${admin}/readyz`, running, READY_MS);
    return { running, url: `http://127.0.0.1:${port}`, admin, version: '' };
  };
}

function installed(program: string): string {
  const found = which(program);
  if (found === undefined) throw new Error('it is not installed');
  return found;
}

function plumblineConf(upstream: string, port: number, adminPort: number, mode: string, policies: string): string {
  return `admin: { host: 127.0.0.1, port: ${adminPort} }
telemetry: { accessLog: stdout }
contracts:
  bench: { openapi: ${JSON.stringify(join(here, 'contract.openapi.yaml'))} }
listeners:
  ingress: { direction: ingress, host: 127.0.0.1, port: ${port} }
routes:
  - name: bench
    listener: ingress
    match: { path: / }
    upstream: ${upstream}
    contract: bench
    policies:
      contract: { request: ${mode}, response: ${mode} }
${policies}`;
}

function nginxConf(upstream: string, port: number, folder: string): string {
  return `daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000000;
  upstream backend { server ${new URL(upstream).host}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;
}

function haproxyConf(upstream: string, port: number): string {
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one ${new URL(upstream).host}
`;
}
