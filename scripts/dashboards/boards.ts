/** The five boards, in the order in which one looks at them. What Grafana reads is made of them by `scripts/generate-dashboards.ts`. */
import { consumers } from './boards/consumers.ts';
import { contracts } from './boards/contracts.ts';
import { health } from './boards/health.ts';
import { overview } from './boards/overview.ts';
import { upstreams } from './boards/upstreams.ts';
import type { Board } from './model.ts';

export { expressionsFor } from './substitute.ts';

export const boards: readonly Board[] = [overview, contracts, consumers, upstreams, health];
