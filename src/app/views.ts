import { type Settings, shownSettings } from '../config/settings.ts';
import type { ContractItem, ShownConsumer, Views } from '../core/views.ts';
import type { Observability } from './observability.ts';
import { settingsDigest } from './settings-digest.ts';

/** What the admin server asks for, as the gateway stands at this moment. */
export class GatewayViews implements Views {
  readonly #observability: Observability;
  #config: ReturnType<Views['config']>;
  #consumers: Settings['consumers'];
  #contracts: (() => readonly ContractItem[]) | undefined = undefined;
  #listening = false;
  #draining = false;
  readonly #beforeScrape: () => void;

  constructor(settings: Settings, observability: Observability, beforeScrape: () => void) {
    this.#observability = observability;
    this.#config = shown(settings, 1);
    this.#consumers = settings.consumers;
    this.#beforeScrape = beforeScrape;
  }

  /** `items`: asked at each look. */
  contractsLoaded(items: () => readonly ContractItem[]): void {
    this.#contracts = items;
  }

  inForce(settings: Settings, generation: number): void {
    this.#consumers = settings.consumers;
    this.#config = shown(settings, generation);
  }

  listening(): void {
    this.#listening = true;
  }

  draining(): void {
    this.#draining = true;
  }

  ready(): { ready: boolean; reasons: readonly string[] } {
    const reasons: string[] = [];
    if (this.#contracts === undefined) reasons.push('the contracts are being loaded');
    else if (!this.#listening) reasons.push('the listeners are not open yet');
    if (this.#draining) reasons.push('the gateway is draining');
    return { ready: reasons.length === 0, reasons };
  }

  started(): boolean {
    return this.#listening;
  }

  metrics(accept: string | undefined): ReturnType<Views['metrics']> {
    this.#beforeScrape();
    return this.#observability.prometheus.scrape(accept);
  }

  violations(query: Parameters<Views['violations']>[0]): ReturnType<Views['violations']> {
    const page = this.#observability.violations.query(query);
    return page && { ...page, items: page.items.map((item) => this.#owned(item)) };
  }

  outcomes(query: Parameters<Views['outcomes']>[0]): ReturnType<Views['outcomes']> {
    const page = this.#observability.outcomes.query(query);
    return page && { ...page, items: page.items.map((item) => this.#owned(item)) };
  }

  settleOutcome(...[id, settlement]: Parameters<Views['settleOutcome']>): ReturnType<Views['settleOutcome']> {
    const item = this.#observability.outcomes.settle(id, settlement);
    return item && this.#owned(item);
  }

  /** With who owns the consumer, as the configuration in force has it. */
  #owned<Item extends { readonly consumer: ShownConsumer }>(item: Item): Item {
    const { name } = item.consumer;
    const known = Object.hasOwn(this.#consumers, name) ? this.#consumers[name] : undefined;
    if (known === undefined) return item;
    const { team, oncall, support } = known;
    const owner = {
      ...(team !== undefined && { team }),
      ...(oncall !== undefined && { oncall }),
      ...(support !== undefined && { support }),
    };
    return { ...item, consumer: { ...item.consumer, ...owner } };
  }

  contracts(): readonly ContractItem[] {
    return this.#contracts?.() ?? [];
  }

  config(): ReturnType<Views['config']> {
    return this.#config;
  }
}

function shown(settings: Settings, generation: number): ReturnType<Views['config']> {
  return { generation, digest: settingsDigest(settings), config: shownSettings(settings) };
}
