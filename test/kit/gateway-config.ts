import { type Settings } from '../../src/config/settings.ts';
import { parseConfiguration } from '../../src/config/parse.ts';

/** What a test wants other than the defaults; each block is written as in `plumbline.yaml`. */
export interface GatewayOptions {
  /** Port of the one upstream on 127.0.0.1. */
  readonly upstream: number;
  /** Further keys of the upstream: `connections`, `idle`, … */
  readonly pool?: object;
  readonly listener?: object;
  /** Further keys of the one route: `match`, `policies`, `contract`. */
  readonly route?: object;
  /** Further sections: `drain`, `errors`, `contracts`, … */
  readonly sections?: object;
}

/** A configuration as text (JSON is YAML): one listener and the admin server on free ports of 127.0.0.1, one route called `app`. */
export function configurationText(options: GatewayOptions, accessLog: string): string {
  return JSON.stringify({
    admin: { host: '127.0.0.1', port: 0 },
    telemetry: { accessLog },
    listeners: { main: { host: '127.0.0.1', port: 0, ...options.listener } },
    routes: [
      { name: 'app', listener: 'main', upstream: { url: `http://127.0.0.1:${options.upstream}`, ...options.pool }, ...options.route },
    ],
    ...options.sections,
  });
}

/** @throws where the configuration is not fine, with all that is wrong. */
export function settingsOf(options: GatewayOptions, accessLog: string, dir: string): Settings {
  const { settings, problems } = parseConfiguration({ text: configurationText(options, accessLog), file: 'test.yaml', dir, env: {} });
  if (settings === undefined) throw new Error(problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('\n'));
  return settings;
}
