import { describe, expect, it } from 'vitest';
import { contractSource } from '../../src/adapters/contract-source.ts';
import { loadContract } from '../../src/contracts/registry.ts';
import type { Contract, Operation, Outcome } from '../../src/core/contract.ts';
import { ParsedBody } from '../../src/core/parsed-body.ts';
import { type Example, examplesOf } from './examples.ts';
import { DOCUMENT_PATH, isInstalled, readDocument } from './github.ts';
import { type Fault, everyFault, faultsOf } from './judge/schema.ts';

/** The document's own examples: not traffic, but ten times as many bodies of ten times as many operations as were recorded. */
describe.skipIf(!isInstalled)("GitHub's own examples", () => {
  it('agrees with the other judge on each, to the place and the rule', { timeout: 30_000 }, async () => {
    const document = readDocument();
    const examples = examplesOf(document);
    const contract = await load();
    const operations = new Map(contract.operations.map((operation) => [operation.id, operation]));
    const differences: unknown[] = [];
    let invalid = 0;
    for (const example of examples) {
      const outcome = judge(operations.get(example.operation) as Operation, example);
      const faults = faultsOf(document, example.schema, example.value, example.side);
      if (outcome.is === 'invalid') invalid += 1;
      differences.push(...differencesOf(example.name, outcome, faults));
    }
    expect(differences).toEqual([]);
    // One in six: why a contract is not enforced on its word.
    expect([examples.length, invalid]).toEqual([1450, 237]);
  });
});

async function load(): Promise<Contract> {
  const { contract } = await loadContract('openapi', {
    name: 'github',
    uri: DOCUMENT_PATH,
    basePath: 'auto',
    formats: 'assert',
    ...contractSource(),
  });
  if (contract === undefined) throw new Error('it does not load');
  return contract;
}

function judge(operation: Operation, { side, status, mediaType, value }: Example): Outcome {
  const bytes = Buffer.from(JSON.stringify(value));
  const headers = ['Content-Type', mediaType, 'Content-Length', String(bytes.length)];
  const request = { method: operation.method, path: '', query: '', headers };
  const body = new ParsedBody([bytes], bytes.length);
  return side === 'request' ? operation.checkRequestBody(request, body) : operation.checkResponseBody(request, { status, headers }, body);
}

/** The most violations that a verdict lists. */
const LISTED = 50;

function differencesOf(name: string, outcome: Outcome, faults: readonly Fault[]): unknown[] {
  if (outcome.is === 'skipped') return [{ name, skipped: outcome.reason }];
  const violations = outcome.is === 'valid' ? [] : outcome.violations;
  const reported = new Set(violations.map(signature));
  const real = new Set(everyFault(faults).map(signature));
  const untrue = violations.filter((violation) => !real.has(signature(violation)));
  // Of alternatives that all fail it is enough to name one.
  const unseen =
    violations.length >= LISTED ? [] : faults.filter((fault) => !everyFault([fault]).some((each) => reported.has(signature(each))));
  return [...untrue.map((violation) => ({ name, untrue: violation })), ...unseen.map((fault) => ({ name, unseen: fault }))];
}

function signature({ rule, pointer, specPointer }: Pick<Fault, 'rule' | 'pointer' | 'specPointer'>): string {
  return `${rule} ${pointer} ${specPointer}`;
}
