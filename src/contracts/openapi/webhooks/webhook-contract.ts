import type { Contract, Match, Operation, RawParams, WebhookNaming } from '../../../core/contract.ts';
import { type RawHeaders, headerValue } from '../../../core/headers.ts';
import type { OpenApiOperation } from '../operation.ts';
import { ByBody } from './by-body.ts';
import { Names, spelling } from './names.ts';

const MISS: Match = Object.freeze({ miss: 'webhook' } as const);
const NO_PARAMS: RawParams = new Map();

/** What a request that says its name can be: its operations by method, each match made once. */
type Target = ReadonlyMap<string, Match>;

/** Operations of one webhook by method. */
export type Webhook = ReadonlyMap<string, OpenApiOperation>;

/** Holds requests against the webhooks of a document instead of its paths. */
export class WebhookContract implements Contract {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly operations: readonly Operation[];
  readonly viewOf: { readonly contract: Contract; readonly naming: WebhookNaming };
  readonly #find: (headers: RawHeaders) => Target | undefined;
  /** In lower case; undefined: no header says which webhook it is. */
  readonly #header: string | undefined;

  constructor(base: Contract, webhooks: ReadonlyMap<string, Webhook>, naming: WebhookNaming) {
    this.name = base.name;
    this.version = base.version;
    this.digest = base.digest;
    this.viewOf = { contract: base, naming };
    const targets = 'name' in naming ? byName(webhooks, naming.name) : byHeaderOrBody(webhooks, naming);
    this.#find = targets.find;
    this.#header = 'name' in naming ? undefined : naming.header?.toLowerCase();
    this.operations = Object.freeze([...new Set(targets.all.flatMap((target) => [...target.values()].flatMap(operationOf)))]);
  }

  match(method: string, _path: string, headers: RawHeaders = []): Match {
    const target = this.#find(headers);
    if (target === undefined) return this.#miss(headers);
    return target.get(method) ?? { miss: 'method', allow: [...target.keys()].sort() };
  }

  #miss(headers: RawHeaders): Match {
    const named = this.#header === undefined ? undefined : headerValue(headers, this.#header);
    return named === undefined ? MISS : { miss: 'webhook', named };
  }

  warmUp(): boolean {
    return this.viewOf.contract.warmUp();
  }
}

interface Targets {
  readonly find: (headers: RawHeaders) => Target | undefined;
  readonly all: readonly Target[];
}

function byName(webhooks: ReadonlyMap<string, Webhook>, name: string): Targets {
  const webhook = webhooks.get(name);
  const target = webhook && targetOf(webhook);
  return { find: () => target, all: target === undefined ? [] : [target] };
}

function byHeaderOrBody(
  webhooks: ReadonlyMap<string, Webhook>,
  { header, pointer }: { readonly header: string | undefined; readonly pointer: string | undefined },
): Targets {
  if (header === undefined) {
    const target = groupOf('webhooks', pointer as string, new Names(webhooks), undefined, [...webhooks.values()]);
    return { find: () => target, all: [target] };
  }
  const lower = header.toLowerCase();
  const names = pointer === undefined ? singles(webhooks) : groups(webhooks, pointer);
  return {
    find: (headers) => {
      const name = headerValue(headers, lower);
      return name === undefined ? undefined : names.targets.get(name);
    },
    all: names.all,
  };
}

function singles(webhooks: ReadonlyMap<string, Webhook>): { readonly targets: Names<Target>; readonly all: readonly Target[] } {
  const targets = new Map([...webhooks].map(([name, webhook]) => [name, targetOf(webhook)]));
  return { targets: new Names(targets), all: [...targets.values()] };
}

/** The header says the first part of a name and the body the rest; a webhook whose name the header says in full needs no body. */
function groups(
  webhooks: ReadonlyMap<string, Webhook>,
  pointer: string,
): { readonly targets: Names<Target>; readonly all: readonly Target[] } {
  const names = new Names(webhooks);
  const targets = new Map<string, Target>();
  const firsts = new Set([...webhooks.keys()].flatMap((name) => beginningsOf(spelling(name))));
  for (const first of firsts) {
    const rest = names.under(first);
    const whole = names.get(first);
    if (rest.size > 0)
      targets.set(first, groupOf(first, pointer, new Names(rest), whole, [...rest.values(), ...(whole === undefined ? [] : [whole])]));
    else if (whole !== undefined) targets.set(first, targetOf(whole));
  }
  return { targets: new Names(targets), all: [...targets.values()] };
}

/** `a-b-c` → `a`, `a-b`, `a-b-c`. */
function beginningsOf(name: string): string[] {
  const parts = name.split('-');
  return parts.map((_, i) => parts.slice(0, i + 1).join('-'));
}

function groupOf(id: string, pointer: string, names: Names<Webhook>, whole: Webhook | undefined, webhooks: readonly Webhook[]): Target {
  const methods = new Set(webhooks.flatMap((webhook) => [...webhook.keys()]));
  const target = new Map<string, Match>();
  for (const method of methods) {
    const pick = (name: string | undefined): OpenApiOperation | undefined =>
      ((name === undefined ? undefined : names.get(name)) ?? whole)?.get(method);
    const candidates = webhooks.map((webhook) => webhook.get(method)).filter((one) => one !== undefined);
    target.set(method, matchOf(new ByBody({ id, method, pointer, pick, candidates })));
  }
  return target;
}

function targetOf(webhook: Webhook): Target {
  return new Map([...webhook].map(([method, operation]) => [method, matchOf(operation)]));
}

function matchOf(operation: Operation): Match {
  return Object.freeze({ operation, params: NO_PARAMS });
}

function operationOf(match: Match): Operation[] {
  return 'operation' in match ? [match.operation] : [];
}
