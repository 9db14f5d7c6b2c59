import type { Endpoint } from '../core/listen.ts';
import type { Views } from '../core/views.ts';
import { addHealth } from './health.ts';
import { type RunningServer, createHttp, listen } from './http.ts';

/** The listener for kubelet and Prometheus, which dial the pod's address: health and metrics, nothing else. Rejects with ListenError. */
export function createProbes(views: Pick<Views, 'ready' | 'started' | 'metrics'>, endpoint: Endpoint): Promise<RunningServer> {
  const app = createHttp(() => false);
  addHealth(app, views);
  return listen(app, 'probes', endpoint);
}
