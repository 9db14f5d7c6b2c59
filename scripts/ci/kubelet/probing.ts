import { request } from 'node:http';
import { connect } from 'node:net';
import type { Container, Handler, Probe } from './pod-spec.ts';
import type { RunningContainer } from './running-container.ts';

/** Where a handler is carried out. */
export interface HandlerTarget {
  readonly podIp: string;
  readonly container: Container;
  readonly running: RunningContainer;
}

/** Undefined: it went well; else why not. As kubelet: from 200 to 399 is well, a connection of its own each time, a redirect is not followed. */
export async function carryOut(handler: Handler, target: HandlerTarget, timeoutMs: number): Promise<string | undefined> {
  try {
    return await attempt(handler, target, timeoutMs);
  } catch (error) {
    return (error as Error).message;
  }
}

async function attempt(handler: Handler, { podIp, container, running }: HandlerTarget, timeoutMs: number): Promise<string | undefined> {
  const { httpGet, tcpSocket, exec, sleep } = handler;
  if (httpGet !== undefined) {
    const { host = podIp, path = '/', port } = httpGet;
    return httpStatus(host, portOf(port, container), path, timeoutMs);
  }
  if (tcpSocket !== undefined) return opens(podIp, portOf(tcpSocket.port, container), timeoutMs);
  if (exec !== undefined) {
    const code = await running.exec(exec.command, timeoutMs);
    return code === 0 ? undefined : `${exec.command.join(' ')} ended with ${code}`;
  }
  if (sleep !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(sleep.seconds * 1000, timeoutMs)));
    return undefined;
  }
  throw new Error(`${container.name}: a handler of no kind that is played here`);
}

/** @throws where the container has no port of that name: then a probe asks nobody. */
export function portOf(port: number | string, { name, ports = [] }: Container): number {
  if (typeof port === 'number') return port;
  const found = ports.find((one) => one.name === port)?.containerPort;
  if (found === undefined) throw new Error(`container ${name} has no port ${port}`);
  return found;
}

function httpStatus(host: string, port: number, path: string, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const headers = { 'User-Agent': 'kube-probe/1.33', Accept: '*/*', Connection: 'close' };
    const asked = request({ host, port, path, headers, agent: false, signal: AbortSignal.timeout(Math.ceil(timeoutMs)) }, (response) => {
      const { statusCode = 0 } = response.resume();
      resolve(statusCode >= 200 && statusCode < 400 ? undefined : `${path} answered ${statusCode}`);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(`${path}: ${error.code ?? error.message}`));
    asked.end();
  });
}

function opens(host: string, port: number, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const over = (why: string | undefined): void => {
      socket.destroy();
      resolve(why);
    };
    socket.on('connect', () => over(undefined)).on('timeout', () => over('no connection in time'));
    socket.on('error', (error) => over(error.message));
  });
}

/** One probe of one running container, until `end`: tells each change of its mind. */
export class ProbeLoop {
  #timer: NodeJS.Timeout | undefined = undefined;
  #ended = false;
  #streak = 0;
  #streakIs: boolean | undefined = undefined;
  #lastFault = '';

  /** `tell(true)` after so many successes in a row, `tell(false, why)` after so many failures. */
  constructor(probe: Probe, target: HandlerTarget, tell: (well: boolean, why: string) => void) {
    const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, successThreshold = 1, failureThreshold = 3 } = probe;
    const look = async (): Promise<void> => {
      const from = performance.now();
      const fault = await carryOut(probe, target, timeoutSeconds * 1000);
      if (this.#ended) return;
      const well = fault === undefined;
      this.#lastFault = fault ?? '';
      this.#streak = this.#streakIs === well ? this.#streak + 1 : 1;
      this.#streakIs = well;
      if (this.#streak === (well ? successThreshold : failureThreshold)) tell(well, this.#lastFault);
      if (!this.#ended) this.#timer = setTimeout(() => void look(), Math.max(0, periodSeconds * 1000 - (performance.now() - from)));
    };
    this.#timer = setTimeout(() => void look(), initialDelaySeconds * 1000);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }
}
