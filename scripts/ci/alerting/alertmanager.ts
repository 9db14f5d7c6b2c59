import { writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Child } from '../child.ts';
import { answers } from './prometheus.ts';

/** One alert as a receiver is told of it. */
export interface Notified {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Debian's Alertmanager, with a receiver that remembers all that it is told. */
export class Alertmanager {
  readonly #child: Child;
  readonly #receiver: Server;
  /** By its labels: what was said of it last. */
  readonly #known: Map<string, Notified>;
  /** Since it was last asked for. */
  readonly #said: Notified[];

  private constructor(child: Child, receiver: Server, known: Map<string, Notified>, said: Notified[]) {
    this.#child = child;
    this.#receiver = receiver;
    this.#known = known;
    this.#said = said;
  }

  /** @throws where it does not become ready. */
  static async start(dir: string, port: number): Promise<Alertmanager> {
    const known = new Map<string, Notified>();
    const said: Notified[] = [];
    const receiver = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      request.on('end', () => {
        for (const alert of (JSON.parse(text) as { readonly alerts: readonly Notified[] }).alerts) {
          known.set(keyOf(alert), alert);
          said.push(alert);
        }
        response.end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const file = join(dir, 'alertmanager.yaml');
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    writeFileSync(
      file,
      stringify({
        route: { receiver: 'test', group_by: ['...'], group_wait: '100ms', group_interval: '1s', repeat_interval: '1h' },
        receivers: [{ name: 'test', webhook_configs: [{ url, send_resolved: true, max_alerts: 0 }] }],
      }),
    );
    const child = new Child(
      'prometheus-alertmanager',
      [
        `--config.file=${file}`,
        `--storage.path=${join(dir, 'alertmanager')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      dir,
    );
    try {
      await answers(`http://127.0.0.1:${port}/-/ready`, child, 'Alertmanager');
    } catch (error) {
      receiver.close();
      child.kill();
      throw error;
    }
    return new Alertmanager(child, receiver, known, said);
  }

  /** What stands now, as the receiver was told. */
  get firing(): readonly Notified[] {
    return [...this.#known.values()].filter(({ status }) => status === 'firing');
  }

  /** Every alert that has fired since this was last asked, also those that are over. */
  takeFired(): readonly Notified[] {
    return this.#said.splice(0).filter(({ status }) => status === 'firing');
  }

  kill(): void {
    this.#receiver.close();
    this.#receiver.closeAllConnections();
    this.#child.kill();
  }
}

function keyOf({ labels }: Notified): string {
  return JSON.stringify(Object.entries(labels).sort());
}
