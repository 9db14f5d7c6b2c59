import type { Value } from './describe.ts';
import { contracts, general, image } from './values/general.ts';
import { injection } from './values/injection.ts';
import { injectSettings } from './values/inject-settings.ts';
import { monitoring } from './values/monitoring.ts';
import { sidecar } from './values/sidecar.ts';
import { standalone } from './values/standalone.ts';

/** Every value of the chart, in the order of `values.yaml`. `repository`: of the image, as the command line knows it. */
export function chartValues(repository: string): Readonly<Record<string, Value>> {
  return { image: image(repository), contracts, sidecar, standalone, injection: injection(injectSettings), ...monitoring, ...general };
}
