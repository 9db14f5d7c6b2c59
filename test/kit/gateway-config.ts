import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfiguration } from '../../src/config/parse.ts';
import type { Settings } from '../../src/config/settings.ts';

/** What a test wants other than the defaults; each block is written as in `plumbline.yaml`. */
export interface GatewayOptions {
  /** Port of the one upstream on 127.0.0.1. */
  readonly upstream: number;
  /** Further keys of the upstream: `connections`, `idle`, … */
  readonly pool?: object;
  readonly listener?: object;
  /** Further keys of the one route: `match`, `policies`, `contract`. */
  readonly route?: object;
  /** An OpenAPI document that the route is held against, as the contract `api`. */
  readonly openapi?: object;
  /** Further sections: `drain`, `errors`, `contracts`, … */
  readonly sections?: object;
}

/**
 * A configuration as text (JSON is YAML): one listener and the admin server on free ports of 127.0.0.1, one route called `app`.
 * What it names is written into `dir`, where it must be read from.
 */
export function configurationText({ upstream, pool, listener, route, openapi, sections }: GatewayOptions, dir: string): string {
  if (openapi !== undefined) writeFileSync(join(dir, 'openapi.json'), JSON.stringify(openapi));
  return JSON.stringify({
    admin: { host: '127.0.0.1', port: 0 },
    telemetry: { accessLog: join(dir, ACCESS_LOG) },
    ...(openapi !== undefined && { contracts: { api: { openapi: 'openapi.json' } } }),
    listeners: { main: { host: '127.0.0.1', port: 0, ...listener } },
    routes: [
      {
        name: 'app',
        listener: 'main',
        upstream: { url: `http://127.0.0.1:${upstream}`, ...pool },
        ...(openapi !== undefined && { contract: 'api' }),
        ...route,
      },
    ],
    ...sections,
  });
}

/** In the directory of the configuration. */
export const ACCESS_LOG = 'access.log';

/** @throws where the configuration is not fine, with all that is wrong. */
export function settingsOf(options: GatewayOptions, dir: string): Settings {
  const { settings, problems } = parseConfiguration({ text: configurationText(options, dir), file: 'test.yaml', dir, env: {} });
  if (settings === undefined) throw new Error(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  return settings;
}
