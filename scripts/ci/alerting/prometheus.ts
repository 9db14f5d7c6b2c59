import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { Child } from '../child.ts';

/** One element of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Target {
  readonly health: string;
  readonly lastError: string;
}

export interface PrometheusOptions {
  readonly dir: string;
  readonly port: number;
  readonly alertmanagerPort: number;
  readonly rules: readonly string[];
  /** host:port of each gateway's admin listener. */
  readonly gateways: readonly string[];
}

/** Debian's Prometheus, which scrapes and evaluates once a second. */
export class Prometheus {
  readonly #url: string;
  readonly #child: Child;

  private constructor(url: string, child: Child) {
    this.#url = url;
    this.#child = child;
  }

  /** @throws where it does not become ready within 30 s. */
  static async start({ dir, port, alertmanagerPort, rules, gateways }: PrometheusOptions): Promise<Prometheus> {
    const file = join(dir, 'prometheus.yaml');
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: rules,
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
      scrape_configs: [
        {
          job_name: 'billing',
          static_configs: gateways.map((target, i) => ({ targets: [target], labels: { namespace: 'shop', pod: `billing-${i}` } })),
        },
      ],
    };
    writeFileSync(file, stringify(config));
    const child = new Child(
      'prometheus',
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(dir, 'prometheus')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
        // Windows are a sixtieth of their length, and the resends of alerts with them.
        '--rules.alert.resend-delay=1s',
      ],
      dir,
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child);
    await answers(`${prometheus.#url}/-/ready`, child, 'Prometheus');
    return prometheus;
  }

  /** An instant query. @throws where Prometheus does not take the expression. */
  async query(expr: string): Promise<Sample[]> {
    const data = (await this.#get('query', { query: expr })) as { readonly resultType: string; readonly result: unknown };
    if (data.resultType === 'scalar') return [{ labels: {}, value: Number((data.result as readonly [number, string])[1]) }];
    const result = data.result as ReadonlyArray<{ readonly metric: Record<string, string>; readonly value: readonly [number, string] }>;
    return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  async targets(): Promise<readonly Target[]> {
    return ((await this.#get('targets', {})) as { readonly activeTargets: readonly Target[] }).activeTargets;
  }

  /** Rules that could not be evaluated, and why. */
  async brokenRules(): Promise<string[]> {
    const { groups } = (await this.#get('rules', {})) as {
      readonly groups: ReadonlyArray<{
        readonly rules: ReadonlyArray<{ readonly name: string; readonly health: string; readonly lastError?: string }>;
      }>;
    };
    return groups.flatMap(({ rules }) =>
      rules.filter(({ health }) => health === 'err').map(({ name, lastError }) => `${name}: ${lastError}`),
    );
  }

  async #get(what: string, parameters: Record<string, string>): Promise<unknown> {
    const answer = await fetch(`${this.#url}/api/v1/${what}`, {
      method: what === 'query' ? 'POST' : 'GET',
      ...(what === 'query' && { body: new URLSearchParams(parameters) }),
    });
    const { status, data, error } = (await answer.json()) as { readonly status: string; readonly data: unknown; readonly error?: string };
    if (status !== 'success') throw new Error(`${what} ${JSON.stringify(parameters)}: ${error}`);
    return data;
  }

  kill(): void {
    this.#child.kill();
  }
}

/** @throws where nothing answers with 200 within 30 s, or the process ends. */
export async function answers(url: string, child: Child, name: string): Promise<void> {
  for (const until = performance.now() + 30_000; performance.now() < until; await sleep(100)) {
    if (!child.alive) break;
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) return;
  }
  throw new Error(`${name} is not ready; it said:\n${child.output}`);
}
