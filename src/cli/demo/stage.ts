import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Provider, startProvider } from '../../../examples/billing/provider.ts';
import { startTraffic, type Traffic } from '../../../examples/billing/traffic.ts';
import { startGateway } from '../../app/gateway.ts';
import { loadConfiguration } from '../../config/load.ts';
import type { RunningGateway } from '../run.ts';
import type { Places } from './advice.ts';

export interface Ports {
  /** Of the listener that watches; undefined: 7080, or any free one where that is taken. 0: any, for the one that enforces too. */
  readonly port: number | undefined;
  /** Undefined: 7090, or any free one. */
  readonly adminPort: number | undefined;
}

/** Provider, gateway and traffic, all running. */
export interface Stage {
  readonly places: Places;
  readonly provider: Provider;
  readonly traffic: Traffic;
  /** What was not as expected. */
  readonly notes: readonly string[];
  /** Stops the traffic alone, so that the last numbers can be read. */
  quiet(): Promise<void>;
  /** Stops everything, what is in flight first. */
  close(): Promise<void>;
}

const CONFIGURATION = fileURLToPath(new URL('../../../examples/billing/plumbline.yaml', import.meta.url));
const PORT = 7080;
const ENFORCED_PORT = 7082;
const ADMIN_PORT = 7090;

/** @throws where a port that was asked for is taken, or the example's configuration is not fine. */
export async function openStage(ports: Ports): Promise<Stage> {
  const notes: string[] = [];
  const choose = async (wanted: number | undefined, usual: number): Promise<string> => {
    if (wanted !== undefined) return String(wanted);
    if (await isFree(usual)) return String(usual);
    notes.push(`Port ${usual} is taken here, so another one was chosen.`);
    return '0';
  };
  const provider = await startProvider();
  let gateway: RunningGateway | undefined;
  try {
    const { settings, problems } = await loadConfiguration({
      file: CONFIGURATION,
      cwd: process.cwd(),
      env: {
        BILLING_URL: provider.url,
        BILLING_PORT: await choose(ports.port, PORT),
        BILLING_ENFORCED_PORT: await choose(ports.port === 0 ? 0 : undefined, ENFORCED_PORT),
        BILLING_ADMIN_PORT: await choose(ports.adminPort, ADMIN_PORT),
        BILLING_ACCESS_LOG: 'off',
      },
    });
    if (settings === undefined) throw new Error(problems.map((p) => `${p.file}:${p.line}: ${p.message}`).join('\n'));
    const started = await startGateway(settings, undefined, { findingLines: 'none' });
    gateway = started;
    return stage(provider, started, notes);
  } catch (error) {
    await gateway?.drain();
    await provider.close();
    throw error;
  }
}

function stage(provider: Provider, gateway: RunningGateway, notes: readonly string[]): Stage {
  const urlOf = (name: string): string => {
    const found = gateway.listeners.find((listener) => listener.name === name);
    if (found === undefined) throw new Error(`the example's configuration has no listener ${name}`);
    return found.url;
  };
  const places = { observed: urlOf('observed'), enforced: urlOf('enforced'), admin: gateway.admin.url, provider: provider.url };
  const traffic = startTraffic({ target: places.observed });
  return {
    places,
    provider,
    traffic,
    notes,
    quiet: () => traffic.stop(),
    async close() {
      await traffic.stop();
      await gateway.drain();
      await provider.close();
    },
  };
}

/** Whether somebody could listen there now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
