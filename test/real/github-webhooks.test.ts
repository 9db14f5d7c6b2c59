import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { contractSource } from '../../src/adapters/contract-source.ts';
import { loadContract } from '../../src/contracts/registry.ts';
import type { Contract, Outcome, Violation } from '../../src/core/contract.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';
import type { Json } from './github.ts';
import { at } from './judge/pointers.ts';
import { type Fault, everyFault, faultsOf } from './judge/schema.ts';
import { code, general, typeOf } from './rows.ts';
import { type Delivery, WEBHOOKS_PATH, hasWebhooks, headersOf, readDeliveries, schemaOf } from './webhooks.ts';

/**
 * Deliveries of GitHub's webhooks against what GitHub says of them. Every finding stands in a checked-in table with the words of the document
 * that make it one: one that is not there, and a row that is found no more, fails.
 */
describe.skipIf(!hasWebhooks)("GitHub's webhooks", () => {
  let document: Json;
  let deliveries: readonly Delivery[];
  let outcomes: ReadonlyMap<Delivery, Outcome>;

  beforeAll(async () => {
    document = JSON.parse(readFileSync(WEBHOOKS_PATH, 'utf8')) as Json;
    deliveries = readDeliveries(document);
    const contract = await load();
    outcomes = new Map(deliveries.map((delivery) => [delivery, judge(contract, delivery)]));
  }, 30_000);

  it('are judged, each as the webhook that its header and its action name', () => {
    expect(deliveries).toHaveLength(329);
    const unknown = deliveries.filter((delivery) => violationsOf(delivery).some(({ rule }) => rule === 'undocumented_webhook'));
    expect(unknown).toEqual(deliveries.filter(({ webhook }) => webhook === undefined));
    expect(deliveries.filter((delivery) => outcomes.get(delivery)?.is === 'skipped')).toEqual([]);
  });

  it('break only what the document says, by another judge, and all of it', () => {
    const differences: unknown[] = [];
    for (const delivery of deliveries) {
      if (delivery.webhook === undefined) continue;
      const violations = violationsOf(delivery);
      const faults = faultsOf(document, schemaOf(delivery.webhook), delivery.payload, 'request');
      // What two places say of one value is told once.
      const reported = new Set(violations.map(({ rule, pointer }) => `${rule} ${pointer}`));
      const real = new Set(everyFault(faults).map(signature));
      for (const violation of violations) if (!real.has(signature(violation))) differences.push({ untrue: violation, of: delivery.name });
      for (const fault of faults)
        if (!everyFault([fault]).some(({ rule, pointer }) => reported.has(`${rule} ${pointer}`)))
          differences.push({ unseen: fault, of: delivery.name });
    }
    expect(differences).toEqual([]);
  });

  it('has the words of each violation checked in', async () => {
    await expect(table()).toMatchFileSnapshot('recorded/github-webhook-violations.md');
  });

  function violationsOf(delivery: Delivery): readonly Violation[] {
    const outcome = outcomes.get(delivery);
    return outcome?.is === 'invalid' ? outcome.violations : [];
  }

  function table(): string {
    const rows = new Map<string, number>();
    for (const delivery of deliveries)
      for (const { rule, pointer, specPointer } of violationsOf(delivery)) {
        const cells = [
          code(delivery.webhook ?? delivery.event),
          rule,
          code(general(delivery.payload, pointer)),
          code(specPointer),
          code(wordsOf(rule, pointer, specPointer, delivery)),
          typeOf(at(delivery.payload, pointer)),
        ];
        const row = cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ');
        rows.set(row, (rows.get(row) ?? 0) + 1);
      }
    const invalid = deliveries.filter((delivery) => outcomes.get(delivery)?.is === 'invalid').length;
    const lines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([row, times]) => `| ${row} | ${times} |`);
    return `# What GitHub's webhook deliveries have against GitHub's contract of webhooks

Every violation in the ${deliveries.length} deliveries of \`@octokit/webhooks-examples\`, of which ${invalid} have one, with the words of \`@octokit/openapi-webhooks\`
that make it one. Written and compared by \`github-webhooks.test.ts\` (again with \`vitest run test/real/github-webhooks.test.ts --update\`), which
also lets a judge of its own, that shares nothing with the gateway, read the same words. Values are never shown, only their types.

${NOTES}
| webhook | rule | where | place in the document | its words | what was there | times |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
  }

  function wordsOf(rule: string, pointer: string, specPointer: string, { event, webhook }: Delivery): string {
    if (webhook === undefined) return `no key of "webhooks" fits ${event} and its action`;
    const says = at(document, specPointer);
    const name = pointer.slice(pointer.lastIndexOf('/') + 1);
    if (rule === 'required') return `"required": [… ${JSON.stringify((says as readonly Json[]).find((entry) => entry === name))} …]`;
    const text = JSON.stringify(says) ?? 'nothing';
    return `${JSON.stringify(specPointer.slice(specPointer.lastIndexOf('/') + 1))}: ${text.length > 200 ? `${text.slice(0, 200)}…` : text}`;
  }
});

/** What the words alone do not explain. */
const NOTES = `- The deliveries are of 2018 to 2023: most rows are members that are required by now and that GitHub did not send then.
- \`format: uri\`: the value is the empty string, which has no scheme (RFC 3986 §3). \`email\`: \`github-actions[bot]\` stands before the @, and brackets are
  in no atom (RFC 5322 §3.2.3). \`date-time\`: written as \`Tue, 01 Jan 2019 …\`, which is not RFC 3339.
- \`repository_dispatch\`: its action is whatever the caller of the API chose; the document names \`sample.collected\` and no other.
`;

async function load(): Promise<Contract> {
  const { contract } = await loadContract('openapi', {
    name: 'github',
    uri: WEBHOOKS_PATH,
    basePath: 'auto',
    formats: 'assert',
    ...contractSource(),
  });
  const webhooks = contract?.webhooks?.named({ header: 'X-GitHub-Event', pointer: '/action' });
  if (webhooks === undefined) throw new Error('it does not load');
  return webhooks;
}

function judge(contract: Contract, delivery: Delivery): Outcome {
  const bytes = Buffer.from(JSON.stringify(delivery.payload));
  const request = { method: 'POST', path: '/hooks', query: '', headers: headersOf(delivery, bytes.length) };
  const match = contract.match(request.method, request.path, request.headers);
  if (!('operation' in match)) throw new Error(`${delivery.name}: ${match.miss} is not known`);
  const head = match.operation.checkRequestHead(request, match.params);
  const body = match.operation.checkRequestBody(request, new ParsedBody([bytes], bytes.length));
  return head.is === 'invalid' ? head : body;
}

function signature({ rule, pointer, specPointer }: Pick<Fault, 'rule' | 'pointer' | 'specPointer'>): string {
  return `${rule} ${pointer} ${specPointer}`;
}
