import { type Settings, shownSettings } from '../config/settings.ts';
import type { ContractItem, FindingItem, ShownConsumer, Views } from '../core/views.ts';
import type { Observability } from './observability.ts';
import { settingsDigest } from './settings-digest.ts';

/** The gateway, as its views reach it. */
interface ShownGateway {
  /** Brings gauges up to date, before a scrape. */
  publish(): void;
  retire(): void;
}

/** What the admin server asks for, as the gateway stands at this moment. */
export class GatewayViews implements Views {
  readonly #observability: Observability;
  #config: ReturnType<Views['config']>;
  #consumers: Settings['consumers'];
  #contracts: (() => readonly ContractItem[]) | undefined = undefined;
  #listening = false;
  #draining = false;
  readonly #gateway: ShownGateway;

  constructor(settings: Settings, observability: Observability, gateway: ShownGateway) {
    this.#observability = observability;
    this.#config = shown(settings, 1);
    this.#consumers = settings.consumers;
    this.#gateway = gateway;
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

  retire(): void {
    this.#gateway.retire();
  }

  metrics(accept: string | undefined): ReturnType<Views['metrics']> {
    this.#gateway.publish();
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

  findings(query: Parameters<Views['findings']>[0]): ReturnType<Views['findings']> {
    const page = this.#observability.findings.query(query);
    return page && { ...page, items: page.items.map((item) => this.#withOwners(item)) };
  }

  finding(id: string): FindingItem | undefined {
    return this.#withOwners(this.#observability.findings.find(id));
  }

  acknowledgeFinding(id: string, note: string): FindingItem | undefined {
    return this.#withOwners(this.#observability.findings.acknowledge(id, note));
  }

  withdrawAcknowledgement(id: string): FindingItem | undefined {
    return this.#withOwners(this.#observability.findings.withdraw(id));
  }

  findingKept(id: string): Promise<string | undefined> {
    return this.#observability.findings.kept(id);
  }

  #withOwners<Item extends FindingItem | undefined>(item: Item): Item {
    return item && { ...item, consumers: item.consumers.map((consumer) => ({ ...consumer, ...this.#ownerOf(consumer.name) })) };
  }

  /** With who owns the consumer, as the configuration in force has it. */
  #owned<Item extends { readonly consumer: ShownConsumer }>(item: Item): Item {
    const owner = this.#ownerOf(item.consumer.name);
    return owner === undefined ? item : { ...item, consumer: { ...item.consumer, ...owner } };
  }

  #ownerOf(name: string): Pick<ShownConsumer, 'team' | 'oncall' | 'support'> | undefined {
    const known = Object.hasOwn(this.#consumers, name) ? this.#consumers[name] : undefined;
    if (known === undefined) return undefined;
    const { team, oncall, support } = known;
    return {
      ...(team !== undefined && { team }),
      ...(oncall !== undefined && { oncall }),
      ...(support !== undefined && { support }),
    };
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
