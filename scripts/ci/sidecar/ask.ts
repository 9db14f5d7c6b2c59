import { type IncomingHttpHeaders, request } from 'node:http';
import { Exposition } from '../../../test/kit/exposition.ts';
import type { PlayedPod } from '../kubelet/pod.ts';
import { portOf } from '../kubelet/probing.ts';
import { targetOf } from '../kubelet/service.ts';

export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface AskOptions {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request on a connection of its own. Status 0: no answer, and `text` says why. */
export function ask(host: string, port: number, path: string, { method = 'GET', body, headers = {} }: AskOptions = {}): Promise<Asked> {
  const json = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve) => {
    const options = {
      host,
      port,
      path,
      method,
      headers: { ...json, ...headers },
      agent: false,
      signal: AbortSignal.timeout(10_000),
    } as const;
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve({ status: 0, headers: {}, text: error.code ?? error.message }));
    asked.end(body);
  });
}

/** The sidecar of a pod. */
export function sidecarOf(pod: PlayedPod): PlayedPod['slots'][number] {
  return pod.slot('plumbline');
}

/** A port of the sidecar, by name. */
export function sidecarPort(pod: PlayedPod, name: string): number {
  return portOf(name, sidecarOf(pod).spec);
}

/** As Prometheus scrapes: the pod's address, the port by its name. */
export async function metricsOf(pod: PlayedPod): Promise<Exposition> {
  return new Exposition(await scrapeOf(pod));
}

export async function scrapeOf(pod: PlayedPod): Promise<string> {
  const { status, text } = await ask(pod.ip, sidecarPort(pod, 'plumbline'), '/metrics', {
    headers: { Accept: 'text/plain; version=0.0.4' },
  });
  if (status !== 200) throw new Error(`/metrics answered ${status} ${text}`);
  return text;
}

/** Where a Service with the port `http` sends its connections. */
export function trafficPort(pod: PlayedPod): number {
  return targetOf(pod, 'http').port;
}
