import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, type JsonObject, isObject, member } from './github.ts';
import { below } from './judge/pointers.ts';

const PACKAGES = join(import.meta.dirname, '../../node_modules/@octokit');

/** What GitHub says of its webhooks, OpenAPI 3.1. */
export const WEBHOOKS_PATH = join(PACKAGES, 'openapi-webhooks/generated/api.github.com.json');
/** Deliveries that people have seen, by event. */
export const DELIVERIES_PATH = join(PACKAGES, 'webhooks-examples/api.github.com/index.json');

const missing = [WEBHOOKS_PATH, DELIVERIES_PATH].filter((path) => !existsSync(path));

/** Whether both packages are here; they are devDependencies. */
export const hasWebhooks = missing.length === 0;

if (!hasWebhooks)
  process.stderr.write(`\n*** SKIPPED: no webhook is held against GitHub's contract: not installed: ${missing.join(', ')}\n\n`);

/** One delivery, with what GitHub sends around it. */
export interface Delivery {
  /** Event, action and position among those of the event: `check_run completed #0`. */
  readonly name: string;
  readonly event: string;
  /** As the document names it; undefined where it has none for this event and action. */
  readonly webhook: string | undefined;
  readonly payload: Json;
}

export function readDeliveries(document: Json): Delivery[] {
  const webhooks = member(document, 'webhooks') as JsonObject;
  const events = JSON.parse(readFileSync(DELIVERIES_PATH, 'utf8')) as ReadonlyArray<{
    readonly name: string;
    readonly examples: readonly Json[];
  }>;
  return events.flatMap(({ name, examples }) =>
    examples.map((payload, i) => {
      const action = isObject(payload) ? payload['action'] : undefined;
      // `check_run` with the action `requested_action` is the webhook `check-run-requested-action`; `push` has no action.
      const full = typeof action === 'string' ? `${name}_${action}` : name;
      const known = [full, name].map((each) => each.replaceAll('_', '-')).find((each) => Object.hasOwn(webhooks, each));
      return { name: `${[name, action].filter((part) => typeof part === 'string').join(' ')} #${i}`, event: name, webhook: known, payload };
    }),
  );
}

/** The headers of a delivery (docs.github.com, "Webhook events and payloads", Delivery headers). */
export function headersOf({ event }: Delivery, bytes: number): string[] {
  return [
    ...['Content-Type', 'application/json', 'Content-Length', String(bytes), 'User-Agent', 'GitHub-Hookshot/044aadd'],
    ...['X-GitHub-Event', event, 'X-GitHub-Delivery', '72d3162e-cc78-11e3-81ab-4c9367dc0958', 'X-GitHub-Hook-ID', '292430182'],
    ...['X-GitHub-Hook-Installation-Target-ID', '79929171', 'X-GitHub-Hook-Installation-Target-Type', 'repository'],
    ...['X-Hub-Signature-256', 'sha256=d57c68ca6f92289e6987922ff26938930f6e66a2d161ef06abdf1859230aa23c'],
  ];
}

/** Where the schema of a webhook's body stands. */
export function schemaOf(webhook: string): string {
  return `${below('/webhooks', webhook)}/post/requestBody/content/application~1json/schema`;
}
