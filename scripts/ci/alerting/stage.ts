import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Provider, startProvider } from '../../../examples/billing/provider.ts';
import { writeRules } from '../../rules/render.ts';
import { Alertmanager } from './alertmanager.ts';
import { GatewayUnderTest } from './gateway.ts';
import { Load } from './load.ts';
import { freePorts } from './ports.ts';
import { Prometheus } from './prometheus.ts';
import { TroubledUpstream } from './upstream.ts';

/** An hour is a minute. */
const WINDOW_SCALE = 60;

/** All that runs, in the order in which it was started. */
export interface Stage {
  readonly provider: Provider;
  readonly upstream: TroubledUpstream;
  readonly gateway: GatewayUnderTest;
  readonly load: Load;
  readonly alertmanager: Alertmanager;
  readonly prometheus: Prometheus;
  close(): Promise<void>;
}

/** @throws where something does not start; what was started is stopped then. */
export async function openStage(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-alerting-'));
  const closers: Array<() => Promise<void> | void> = [() => rmSync(dir, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const [ingress = 0, egress = 0, admin = 0, prometheusPort = 0, alertmanagerPort = 0] = await freePorts(5);
    const provider = await startProvider();
    closers.push(() => provider.close());
    const upstream = await TroubledUpstream.start(provider);
    closers.push(() => upstream.close());
    const gateway = new GatewayUnderTest(dir, upstream.url, [ingress, egress, admin]);
    await gateway.start();
    closers.push(() => gateway.kill());
    const alertmanager = await Alertmanager.start(dir, alertmanagerPort);
    closers.push(() => alertmanager.kill());
    const rules = writeRules(join(dir, 'rules'), { windowScale: WINDOW_SCALE, grafana: 'http://grafana.test' });
    const prometheus = await Prometheus.start({ dir, port: prometheusPort, alertmanagerPort, rules, gateways: [gateway.admin] });
    closers.push(() => prometheus.kill());
    const load = new Load(gateway.ingress, gateway.egress);
    closers.push(() => load.stop());
    return { provider, upstream, gateway, load, alertmanager, prometheus, close };
  } catch (error) {
    await close();
    throw error;
  }
}
