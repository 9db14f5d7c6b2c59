import { monitorEventLoopDelay } from 'node:perf_hooks';

const WINDOW_MS = 500;
const RESOLUTION_MS = 20;
/** Longest delay within a window beyond which what observes is skipped. */
const OVERLOAD_MS = 200;

/** Watches how late the event loop runs. `overloaded` is about the last half second. */
export class EventLoopWatch {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #lateMs = 0;

  constructor() {
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      this.#lateMs = Math.max(0, this.#histogram.max / 1e6 - RESOLUTION_MS);
      this.#histogram.reset();
    }, WINDOW_MS);
    this.#timer.unref();
  }

  /** The worst of the last half second, milliseconds. */
  readonly lagMs = (): number => this.#lateMs;

  readonly overloaded = (): boolean => this.#lateMs > OVERLOAD_MS;

  /** Forgets what it saw: what starting has cost says nothing about the traffic that comes then. */
  forget(): void {
    this.#histogram.reset();
    this.#lateMs = 0;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }
}
