import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../inject/settings.ts';
import { transform } from './stream.ts';

const settings = { ...DEFAULT_SETTINGS, contract: { configMap: 'c', key: 'openapi.yaml' } };
const inject = (text: string) => transform([{ file: 'x', text }], { is: 'inject', settings });
const uninject = (text: string) => transform([{ file: 'x', text }], { is: 'uninject' }).texts[0];

function pod(port: string, { volumes = '', annotations = '', probe = '' } = {}): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: {app: web}${annotations}
spec:
  containers:
  - name: app
    image: x
    ports:
    - containerPort: 8080${port === '' ? '' : `\n      name: ${port}`}${probe}
${volumes}`;
}

const service = (targetPort: string): string =>
  `---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  selector: {app: web}\n  ports:\n  - port: 80\n    targetPort: ${targetPort}\n`;

const list = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
const probe = '\n    livenessProbe: {tcpSocket: {port: *p}}';

test.each([
  ['a tilde for nothing', pod('http', { volumes: '  volumes: ~ # none\n' })],
  ['a tilde among annotations', pod('http', { annotations: '\n  annotations: ~' })],
  ['null in capitals', pod('http', { volumes: '  initContainers: NULL\n  volumes: Null\n' })],
  [
    'nothing, in braces',
    '{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: }, spec: {volumes: , containers: [{name: app, ports: [{containerPort: 8080}]}]}}\n',
  ],
  ['a word behind a tag', pod('!!str on')],
  ['escapes', pod('"ht\\x74p"')],
  ['an anchor and its aliases', pod('&p http', { probe })],
  ['a list without quotes', pod('http', { annotations: `\n  annotations: {${list}: cache}` })],
  ['a hexadecimal port', pod('') + service('0x1F90')],
  ['an octal port', pod('') + service('017620')],
  ['a port with an underscore', pod('') + service('8_080')],
  ['a fraction', pod('') + service('8080.0')],
  ['no targetPort', pod('') + service('').replace('port: 80\n', 'port: 8080\n')],
])('%s comes back as it was written', (_, text) => {
  const { texts, notes } = inject(text);
  const [made = ''] = texts;
  expect(notes.filter(({ level }) => level !== 'done' && level !== 'warning')).toEqual([]);
  expect(made).not.toBe(text);
  expect(made).toContain('"text":{');
  expect(inject(made).texts).toEqual([made]);
  expect(uninject(made)).toBe(text);
});

test('what needs no note gets none', () => {
  const usual = pod("'http'", { volumes: '  volumes:\n', annotations: '\n  annotations: null' }) + service('8080');
  const [made = ''] = inject(usual).texts;
  expect(made).not.toContain('"text"');
  expect(uninject(made)).toBe(usual);
});

test('a note that says something else by now is left out of account', () => {
  const [made = ''] = inject(pod('') + service('0x1F90')).texts;
  expect(uninject(made.replace('0x1F90', '0x50'))).toBe(pod('') + service('8080'));
  expect(uninject(made.replace('0x1F90', '8080 # x\\nkind: Secret'))).toBe(pod('') + service('8080'));
});

test.each([
  ['a block', pod('|-\n        http'), 'is written over several lines: write it on one'],
  ['quotes', pod('"ht\\\n        tp"'), 'is written over several lines: write it on one'],
  ['a word that Kubernetes takes for true', pod('on'), 'spec.containers[0].ports[0].name is true, not a name that Kubernetes takes'],
])('a name in %s is refused', (_, text, why) => {
  const { texts, notes } = inject(text);
  expect(texts).toEqual([text]);
  expect(notes.map(({ level, message }) => `${level} ${message}`)).toEqual([expect.stringContaining(why)]);
  expect(notes[0]?.level).toBe('refused');
});
