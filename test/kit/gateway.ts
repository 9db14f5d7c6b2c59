import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Gateway, startGateway } from '../../src/app/gateway.ts';
import { AccessLines } from './access-lines.ts';
import { type Exposition, scrape } from './exposition.ts';
import { ACCESS_LOG, type GatewayOptions, settingsOf } from './gateway-config.ts';
import { until } from './until.ts';

/** The real gateway in this process, on free ports. */
export interface TestGateway {
  /** Of the first listener. */
  readonly port: number;
  portOf(listener: string): number;
  readonly adminUrl: string;
  readonly log: AccessLines;
  metrics(): Promise<Exposition>;
  /** Waits until no exchange is in flight. */
  idle(): Promise<void>;
  drain(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A drain that a test does not look at must not wait for what the test left open. */
const SHORT_GRACE = { drain: { grace: '50ms' } };

/** Starts a gateway; disposing of it drains it and takes its log away. */
export async function startTestGateway(options: GatewayOptions): Promise<TestGateway> {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-'));
  const removeDir = (): void => rmSync(dir, { recursive: true, force: true });
  let gateway: Gateway;
  try {
    gateway = await startGateway(settingsOf({ ...options, sections: { ...SHORT_GRACE, ...options.sections } }, dir));
  } catch (error) {
    removeDir();
    throw error;
  }
  const metrics = (): Promise<Exposition> => scrape(gateway.admin.url);
  const portOf = (listener = gateway.listeners[0]?.name): number =>
    Number(new URL(gateway.listeners.find(({ name }) => name === listener)?.url ?? '').port);
  return {
    port: portOf(),
    portOf,
    adminUrl: gateway.admin.url,
    log: new AccessLines(join(dir, ACCESS_LOG)),
    metrics,
    async idle() {
      await until(async () => (await metrics()).value('plumbline_requests_in_flight') === 0, 'no exchange in flight');
    },
    drain: () => gateway.drain(),
    async [Symbol.asyncDispose]() {
      await gateway.drain();
      removeDir();
    },
  };
}
