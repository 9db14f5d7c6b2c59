import { parseConfiguration } from '../../../src/config/parse.ts';
import { readSettings } from '../../../src/injector/settings-in-force.ts';
import { type Manifest, at, containersOf, listAt, podOf } from './manifest.ts';

/** What Plumbline itself has against the configurations in a manifest: in a ConfigMap's `plumbline.yaml` or `injector.yaml`, or in a container's variable. */
export function configurations(manifest: Manifest): string[] {
  const variables = containersOf(podOf(manifest)).flatMap((container) => listAt(container, 'env'));
  const texts = [
    at(manifest, 'data', 'plumbline.yaml'),
    ...variables.filter((one) => at(one, 'name') === 'PLUMBLINE_CONFIG_YAML').map((one) => at(one, 'value')),
  ].filter((text) => text !== undefined);
  const settings = at(manifest, 'data', 'injector.yaml');
  return [...texts.flatMap((text) => wrong(String(text))), ...(settings === undefined ? [] : wrongSettings(String(settings)))];
}

/** Variables are taken for addresses: what they hold is not the chart's to know. */
function wrong(text: string): string[] {
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => [name as string, 'http://upstream.example'] as const);
  const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env: Object.fromEntries(names) });
  return problems.filter(({ severity }) => severity === 'error').map(({ pointer, message }) => `configuration${pointer}: ${message}`);
}

function wrongSettings(text: string): string[] {
  const read = readSettings(text);
  return 'problems' in read ? read.problems.map((problem) => `settings: ${problem}`) : [];
}
