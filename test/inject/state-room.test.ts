import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STATE_BYTES } from '../../src/adapters/sqlite-state/room.ts';
import { amountOf } from '../../src/inject/quantity.ts';
import { fileOf } from './case.ts';

const templates = join(import.meta.dirname, '../../helm/plumbline');
const MARGIN = 4 * 1024 ** 2;

/** The kubelet evicts a pod whose emptyDir has outgrown its limit. */
test.each([
  ['what inject writes', fileOf('named-port', 'out.yaml'), /sizeLimit: (\w+)/],
  ['the chart', readFileSync(join(templates, 'values.yaml'), 'utf8'), /stateSizeLimit: (\w+)/],
  ['the gateway on its own', readFileSync(join(templates, 'templates/standalone/deployment.yaml'), 'utf8'), /sizeLimit: (\w+)/],
  ['the admission policy', readFileSync(join(templates, 'templates/_admission-policy-patch.tpl'), 'utf8'), /sizeLimit: '(\w+)'/],
])('the state fits into the volume of %s, with room to spare', (_, text, form) => {
  expect(amountOf(form.exec(text)?.[1] ?? '')).toBeGreaterThanOrEqual(STATE_BYTES + MARGIN);
});
