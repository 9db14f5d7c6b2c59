import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../inject/settings.ts';
import { type Note, noteLine } from './note.ts';
import { type Source, transform } from './stream.ts';

const settings = { ...DEFAULT_SETTINGS, contract: { configMap: 'c', key: 'openapi.yaml' } };

const inject = (...texts: string[]) => transform(sources(texts), { is: 'inject', settings });
const uninject = (...texts: string[]) => transform(sources(texts), { is: 'uninject' });

function sources(texts: readonly string[]): Source[] {
  return texts.map((text, i) => ({ file: `${i}.yaml`, text }));
}

const said = (notes: readonly Note[]): string[] => notes.map((note) => noteLine(note).trimEnd());

/** `port`: as it stands in the pod; with no name unless `named`. */
function deployment(name: string, { port = 8080, named = false, namespace = '', labels = `app: ${name}`, spec = '' } = {}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}${namespace === '' ? '' : `\n  namespace: ${namespace}`}
spec:
  template:
    metadata:
      labels: {${labels}}
    spec:${spec}
      containers:
      - name: app
        ports:
        - containerPort: ${port}${named ? '\n          name: http' : ''}
`;
}

function service(name: string, ports: string, { namespace = '', selector = `app: ${name}`, more = '' } = {}): string {
  const metadata = `{name: ${name}${namespace === '' ? '' : `, namespace: ${namespace}`}${more}}`;
  return `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec:\n  selector: {${selector}}\n  ports: ${ports}\n`;
}

describe('a Service', () => {
  test('in another file, before its workload, is led to the sidecar and back', () => {
    const before = [service('web', '[{port: 80, targetPort: 8080}]'), deployment('web')];
    const { texts, notes } = inject(...before);
    expect(texts[0]).toContain('ports: [{port: 80, targetPort: http}]');
    expect(said(notes)).toEqual([
      '0.yaml:1: Service web: port 80: targetPort 8080 is now http; pods that run already have no port of that name: apply the Service when the new ones are ready',
      '1.yaml:1: Deployment web: injected: http is now Plumbline (port 7080) in front of port 8080 of app',
    ]);
    expect(inject(...texts).texts).toEqual(texts);
    expect(uninject(...texts).texts).toEqual(before);
  });

  test.each([
    ['[{port: 80, targetPort: 8080}]', '[{port: 80, targetPort: http}]'],
    ['[{port: 8080}]', '[{port: 8080, targetPort: http}]'],
    ['[{port: 8080, targetPort: null}]', '[{port: 8080, targetPort: http}]'],
    [
      '[{port: 8080, targetPort: 8080, protocol: TCP}, {port: 8080, protocol: UDP}]',
      '[{port: 8080, targetPort: http, protocol: TCP}, {port: 8080, protocol: UDP}]',
    ],
    ['[{port: 80, targetPort: 9090}]', undefined],
    ['[{port: 80, targetPort: web}]', undefined],
    ['[{port: 80, targetPort: "8080"}]', undefined],
    ['{}', undefined],
    ['[8080]', undefined],
  ])('with the ports %s', (ports, expected) => {
    const text = `${service('web', ports)}---\n${deployment('web')}`;
    const { texts } = inject(text);
    const made = texts[0] as string;
    if (expected === undefined) expect(made.startsWith(service('web', ports))).toBe(true);
    else expect(made).toContain(`ports: ${expected}`);
    expect(uninject(made).texts).toEqual([text]);
  });

  test.each([
    ['elsewhere', { namespace: 'other' }],
    ['for another label', { selector: 'app: api' }],
    ['for one label more', { selector: 'app: web, tier: x' }],
    ['for none', { selector: '' }],
  ])('%s is left alone, and the workload has a warning', (_, options) => {
    const text = service('web', '[{port: 80, targetPort: 8080}]', options);
    const { texts, notes } = inject(text, deployment('web'));
    expect(texts[0]).toBe(text);
    expect(said(notes)).toContain(
      "1.yaml:1: Deployment web: warning: its app's port 8080 has no name, and no Service in the input selects it: a Service elsewhere must say targetPort: http",
    );
  });

  test('whose pods do not all have a sidecar keeps its number: nobody would answer', () => {
    const text = service('web', '[{port: 80, targetPort: 8080}]', { selector: 'part: web' });
    const workloads = `${deployment('a', { labels: 'part: web' })}---\n${deployment('b', { labels: 'part: web, plumbline.dev/inject: disabled' })}`;
    const { texts, notes } = inject(text, workloads);
    expect(texts[0]).toBe(text);
    expect(said(notes)[0]).toBe(
      '0.yaml:1: Service web: warning: port 80: targetPort stays 8080, and its traffic passes by Plumbline: it selects Deployment b too, which has no sidecar',
    );
  });

  test('of a workload that was injected before is led to it too, and no warning is given for the second time', () => {
    const injected = inject(deployment('web')).texts[0] as string;
    const { texts, notes } = inject(injected, service('web', '[{port: 80, targetPort: 8080}]'));
    expect(texts[1]).toContain('targetPort: http');
    expect(said(notes)).toEqual([
      '0.yaml:1: Deployment web: is injected already',
      '1.yaml:1: Service web: port 80: targetPort 8080 is now http',
    ]);
  });

  test('that somebody has changed since stays as they have it', () => {
    const [made = ''] = inject(`${service('web', '[{port: 80, targetPort: 8080}]')}---\n${deployment('web')}`).texts;
    const { texts, notes } = uninject(made.replace('targetPort: http', 'targetPort: other'));
    expect(texts[0]).toBe(`${service('web', '[{port: 80, targetPort: other}]')}---\n${deployment('web')}`);
    expect(said(notes)[0]).toMatch(/warning: port 80: targetPort is not http any more/);
  });

  test.each([
    ['a word', ', annotations: word'],
    ['another record', ', annotations: {plumbline.dev/injected: "{}"}'],
  ])('whose annotations are %s is not written to', (_, more) => {
    const text = service('web', '[{port: 80, targetPort: 8080}]', { more });
    const { texts, notes } = inject(text, deployment('web'));
    expect(texts[0]).toBe(text);
    expect(said(notes)[0]).toMatch(/stays as it is: its annotations cannot be written to/);
  });

  test('keeps its annotations, and takes more ports up later', () => {
    const text = service('web', '[{port: 80, targetPort: 8080}, {port: 81, targetPort: 1}]', { more: ', annotations: {a: b}' });
    const [made = '', app = ''] = inject(text, deployment('web')).texts;
    const more = inject(made.replace('targetPort: 1}', 'targetPort: 8080}'), app).texts;
    expect(more[0]).toContain('{port: 81, targetPort: http}');
    expect(uninject(...more).texts[0]).toBe(text.replace('targetPort: 1}', 'targetPort: 8080}'));
  });
});

describe('a workload', () => {
  test('that is refused leaves the others injected, and the stream whole', () => {
    const text = `${deployment('a', { spec: '\n      hostNetwork: true' })}---\n${deployment('b', { named: true })}`;
    const { texts, notes } = inject(text);
    expect(notes.map(({ level }) => level)).toEqual(['refused', 'done']);
    expect(texts[0]?.startsWith(deployment('a', { spec: '\n      hostNetwork: true' }))).toBe(true);
  });

  test('that cannot be written leaves the others of its list', () => {
    const item = (name: string, ports: string): string =>
      `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: [{name: app, ports: ${ports}}]}}`;
    const text = `apiVersion: v1\nkind: List\nx: &p [{containerPort: 80}]\nitems:\n- ${item('a', '*p')}\n- ${item('b', '[{containerPort: 80}]')}\n- ${item('c', '*p')}\n`;
    const { texts, notes } = inject(text);
    expect(said(notes.filter(({ level }) => level !== 'warning'))).toEqual([
      '0.yaml:5: Pod a: refused: spec.containers[0].ports[1] cannot be changed: line 5 is an alias (*p): what it names stands elsewhere, for others too',
      '0.yaml:6: Pod b: injected: http is now Plumbline (port 7080) in front of port 80 of app',
      '0.yaml:7: Pod c: refused: spec.containers[0].ports[1] cannot be changed: line 7 is an alias (*p): what it names stands elsewhere, for others too',
    ]);
    expect(uninject(...texts).texts).toEqual([text]);
  });

  test.each([
    ['kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x}\n', /there is no pod template at spec.template/],
    [
      'kind: CronJob\napiVersion: batch/v1\nmetadata: 5\nspec: {jobTemplate: []}\n',
      /CronJob \(without a name\): refused: there is no pod template/,
    ],
    ['kind: Pod\napiVersion: v1\nspec: {containers: {a: b}}\n', /refused: spec.containers is a mapping, not a list/],
    ['kind: Pod\napiVersion: v1\nmetadata: {name: "\\e[31mred"}\nspec: 1\n', /Pod \\u001b\[31mred: refused/],
  ])('of a wrong form is refused', (text, note) => {
    const { texts, notes } = inject(text);
    expect(texts).toEqual([text]);
    expect(said(notes)).toEqual([expect.stringMatching(note)]);
  });
});

describe('what is not looked into', () => {
  test.each([
    ['a broken ConfigMap', 'kind: ConfigMap\ndata: {{ a }\n'],
    ['a Job of another group', 'apiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nspec: {tasks: []}\n'],
    ['a list without items', 'apiVersion: v1\nkind: List\nitems:\n'],
    ['no mapping', '- kind: Deployment\n'],
    ['a word', 'Deployment\n'],
    ['nothing', ''],
    ['comments', '# kind: Deployment\n---\n---\n'],
    ['a definition', 'kind: CustomResourceDefinition\nspec: {template: {spec: {containers: []}}}\n'],
  ])('%s passes without a word', (_, text) => {
    expect(inject(text)).toEqual({ texts: [text], notes: [] });
  });

  test('a text that cannot be read is told with its line in the stream', () => {
    const { notes } = inject(`${deployment('a', { named: true })}---\nkind: Deployment\nspec: {\n`);
    expect(said(notes).at(-1)).toMatch(/^0\.yaml:18: not readable as YAML: /);
    expect(notes.at(-1)?.level).toBe('unreadable');
  });

  test('more than ten thousand objects are too many, in documents and in lists', () => {
    const documents = inject('kind: A\n---\n'.repeat(10_001));
    expect(said(documents.notes)).toEqual(['0.yaml:20000: more than 10000 objects; give them in parts']);
    const list = inject(JSON.stringify({ kind: 'List', items: Array.from({ length: 10_001 }, () => ({})) }));
    expect(said(list.notes)).toEqual(['0.yaml:1: more than 10000 objects; give them in parts']);
  });
});

test('a byte order mark stays, and so do the line breaks of each document', () => {
  const text = `\ufeff${deployment('a', { named: true }).replaceAll('\n', '\r\n')}---\n${deployment('b', { named: true })}`;
  const [made = ''] = inject(text).texts;
  expect(made.startsWith('\ufeffapiVersion')).toBe(true);
  expect(made.split('---\n')[0]).not.toMatch(/[^\r]\n/);
  expect(made.split('---\n')[1]).not.toContain('\r');
  expect(uninject(made).texts).toEqual([text]);
});

test('a list in a list, and a ReplicationController, are seen as if they stood alone', () => {
  const inner = {
    apiVersion: 'v1',
    kind: 'List',
    items: [podTemplateOf('ReplicationController', 'v1'), podTemplateOf('Deployment', 'apps/v1')],
  };
  const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [inner] });
  const { texts, notes } = inject(text);
  expect(notes.filter(({ level }) => level === 'done').map(({ who }) => who)).toEqual(['ReplicationController web', 'Deployment web']);
  expect(inject(...texts).texts).toEqual(texts);
  expect(uninject(...texts).texts).toEqual([text]);
});

test.each(['plumbline-state', 'plumbline-config'])('a volumeClaimTemplate %s is refused: the pod would get it as our volume', (name) => {
  const one = podTemplateOf('StatefulSet', 'apps/v1');
  const text = JSON.stringify({ ...one, spec: { ...one.spec, volumeClaimTemplates: [{ metadata: { name } }] } });
  const { texts, notes } = inject(text);
  expect(texts).toEqual([text]);
  expect(said(notes)).toEqual([
    `0.yaml:1: StatefulSet web: refused: its volumeClaimTemplate ${name} would take the place of Plumbline's own volume of that name`,
  ]);
});

function podTemplateOf(kind: string, apiVersion: string) {
  const containers = [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }];
  return { apiVersion, kind, metadata: { name: 'web' }, spec: { template: { spec: { containers } } } };
}
