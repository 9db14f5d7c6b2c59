import { expect, test } from 'vitest';
import { show } from './problem.ts';
import { readTree, type Sources } from './tree.ts';
import { checkVersions } from './version.ts';

const lock = (first: string, root: string) => JSON.stringify({ name: 'p', version: first, packages: { '': { version: root } } }, null, 2);
const sources = (changed: Sources = {}): Sources => ({
  'package.json': '{"version": "1.2.0"}',
  'package-lock.json': lock('1.2.0', '1.2.0'),
  Dockerfile: 'FROM scratch\nLABEL org.opencontainers.image.title="P" \\\n  org.opencontainers.image.version="1.2.0"\n',
  'CHANGELOG.md': '# Changelog\n\n## [Unreleased] 1.2.0\n\n## 1.1.0\n',
  'helm/plumbline/Chart.yaml': 'apiVersion: v2\nversion: 1.2.0\nappVersion: "1.2.0"\n',
  'docs/image.md':
    'Push `ghcr.io/plumbline/plumbline:1.2.0`, `ghcr.io/plumbline/plumbline:<version>`, `plumbline-1.2.0.tgz`, `plumbline-0.tgz`.',
  ...changed,
});
const problems = (changed: Sources) => checkVersions(sources(changed)).map(show);

test('one version everywhere', () => {
  expect(problems({})).toEqual([]);
});

test.each([
  ['package.json', '{"version": "1.3.0"}', 'Dockerfile:3 version: the label of the image says 1.2.0; package.json says 1.3.0'],
  ['package-lock.json', lock('1.1.0', '1.2.0'), 'package-lock.json:3 version: the lock says 1.1.0; package.json says 1.2.0'],
  ['package-lock.json', lock('1.2.0', '1.1.0'), 'package-lock.json:1 version: its root package is 1.1.0; package.json says 1.2.0'],
  ['Dockerfile', 'FROM scratch\n', 'Dockerfile:1 version: the label of the image names no version; package.json says 1.2.0'],
  ['CHANGELOG.md', '# C\n\n## 1.1.0\n\n## 1.2.0\n', 'CHANGELOG.md:3 version: the newest heading says 1.1.0; package.json says 1.2.0'],
  ['CHANGELOG.md', '# C\n\n## [1.2.0-rc.1]\n', 'CHANGELOG.md:3 version: the newest heading says 1.2.0-rc.1; package.json says 1.2.0'],
  [
    'helm/plumbline/Chart.yaml',
    'version: 1.2.1\nappVersion: 1.2.0\n',
    'helm/plumbline/Chart.yaml:1 version: version says 1.2.1; package.json says 1.2.0',
  ],
  [
    'helm/plumbline/Chart.yaml',
    'version: 1.2.0\nappVersion: 1.1.9\n',
    'helm/plumbline/Chart.yaml:2 version: appVersion says 1.1.9; package.json says 1.2.0',
  ],
  [
    'docs/image.md',
    'one\ntwo ghcr.io/plumbline/plumbline:1.1.0',
    'docs/image.md:2 version: names /plumbline:1.1.0; package.json says 1.2.0',
  ],
  ['docs/a.md', 'targetRevision: v1.1.0', 'docs/a.md:1 version: names targetRevision: v1.1.0; package.json says 1.2.0'],
  ['README.md', 'helm push plumbline-1.1.0.tgz', 'README.md:1 version: names plumbline-1.1.0; package.json says 1.2.0'],
])('%s that differs is told with its line: %j', (file, text, message) => {
  expect(problems({ [file]: text })).toContain(message);
});

test('a place that is not there is told too', () => {
  const { 'helm/plumbline/Chart.yaml': _, ...rest } = sources();
  expect(checkVersions(rest).map(show)).toContain('helm/plumbline/Chart.yaml:1 version: is not there, and version must say 1.2.0');
  expect(checkVersions({}).map(show)).toEqual(['package.json:1 version: names no version']);
});

test('the real tree has one version', () => {
  const said = readTree((file) => !/^(?:src|test|bench|scripts|loadtests)\//.test(file));
  expect(checkVersions(said).map(show)).toEqual([]);
});
