import { type Container, isSidecar } from './pod-spec.ts';
import { ProbeLoop } from './probing.ts';
import type { RunningContainer } from './running-container.ts';

export type Kind = 'init' | 'sidecar' | 'app';

/** One container of a pod over its lives. */
export class Slot {
  readonly spec: Container;
  readonly kind: Kind;
  running: RunningContainer | undefined = undefined;
  /** Its startup probe has succeeded in this life, or it has none and runs. */
  started = false;
  ready = false;
  restarts = 0;
  /** Of lives that are over, the last: exit code, and what it said. */
  lastCode: number | undefined = undefined;
  lastLog = '';
  /** Nothing is started any more, and it has ended. */
  over = false;
  #probes: ProbeLoop[] = [];

  constructor(spec: Container, where: 'initContainers' | 'containers') {
    this.spec = spec;
    this.kind = where === 'containers' ? 'app' : isSidecar(spec) ? 'sidecar' : 'init';
  }

  get name(): string {
    return this.spec.name;
  }

  /** Of this life, or of the last. */
  get log(): string {
    return this.running?.log ?? this.lastLog;
  }

  /** A life begins. `change`: something that the pod looks at is otherwise now. */
  begin(running: RunningContainer, podIp: string, change: (what: string) => void): void {
    this.running = running;
    const { startupProbe, readinessProbe, livenessProbe } = this.spec;
    const target = { podIp, container: this.spec, running };
    const kill = (why: string): void => {
      change(`${this.name}: killed, ${why}`);
      void running.stop(2000);
    };
    const start = (): void => {
      this.started = true;
      if (readinessProbe === undefined) this.ready = true;
      else
        this.#probe(
          new ProbeLoop(readinessProbe, target, (well, why) => {
            this.ready = well;
            change(`${this.name}: ${well ? 'ready' : `not ready, ${why}`}`);
          }),
        );
      if (livenessProbe !== undefined)
        this.#probe(new ProbeLoop(livenessProbe, target, (well, why) => void (well || kill(`not alive: ${why}`))));
      change(`${this.name}: started`);
    };
    change(`${this.name}: running`);
    if (startupProbe === undefined) return start();
    const starting = new ProbeLoop(startupProbe, target, (well, why) => {
      starting.end();
      if (well) start();
      else kill(`did not start: ${why}`);
    });
    this.#probe(starting);
  }

  #probe(loop: ProbeLoop): void {
    this.#probes.push(loop);
  }

  /** As kubelet does when a pod begins to end: readiness is asked on, life and start are not. Ours asks none: who ends is out of the Service anyway. */
  endProbes(): void {
    for (const loop of this.#probes.splice(0)) loop.end();
  }

  /** A life is over. */
  end(code: number): void {
    this.endProbes();
    this.lastLog = this.running?.log ?? '';
    this.lastCode = code;
    this.running = undefined;
    this.started = false;
    this.ready = false;
  }
}
