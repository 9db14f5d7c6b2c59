import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { buildImage, type Image } from './stages.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(files: Readonly<Record<string, string>> = {}): string {
  const made_ = mkdtempSync(join(tmpdir(), 'plumbline-stages-'));
  made.push(made_);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(made_, file)), { recursive: true });
    writeFileSync(join(made_, file), text);
  }
  return made_;
}

function build(dockerfile: string, files: Readonly<Record<string, string>> = {}, ignore = ''): Image {
  const context = folder({ Dockerfile: dockerfile, '.dockerignore': ignore, ...files });
  return buildImage({ context, work: folder(), args: { WHO: 'you' } });
}

test('copies, commands and arguments, from one stage to the next', () => {
  const { root, config } = build(
    'FROM node:26-slim AS build\nWORKDIR /build\nCOPY a.txt b.txt in/\nCOPY deep .\nARG WHO=me\nRUN mkdir -p out/tmp && chmod 1777 out/tmp && echo "$WHO" > out/who && cat in/a.txt x/c.txt > out/all\nFROM scratch\nCOPY --from=build /build/out /\nUSER 5\n',
    { 'a.txt': 'a', 'b.txt': 'b', 'deep/x/c.txt': 'c' },
  );
  expect(readFileSync(join(root, 'who'), 'utf8')).toBe('you\n');
  expect(readFileSync(join(root, 'all'), 'utf8')).toBe('ac');
  expect(statSync(join(root, 'tmp')).mode & 0o7777).toBe(0o1777);
  expect(config.user).toBe('5');
});

test('what .dockerignore leaves out is not there', () => {
  const { root } = build(
    'FROM node:26-slim\nWORKDIR /w\nCOPY . .\n',
    { 'a.ts': '', 'a.test.ts': '', 'node_modules/x.js': '' },
    '*.test.ts\n',
  );
  expect(['a.ts', 'a.test.ts', 'node_modules'].filter((file) => existsSync(join(root, 'w', file)))).toEqual(['a.ts']);
});

test.each([
  ['FROM node:26-slim\nRUN exit 3\n', /line 2: RUN exit 3 ended with 3/],
  ['FROM scratch\nRUN true\n', /line 2: RUN in a stage that has nothing/],
  ['FROM node:26-slim\nCOPY gone /\n', /line 2: COPY gone: \.dockerignore leaves nothing of it/],
  ['FROM scratch\nCOPY --from=gone /a /\n', /line 2: there is no stage gone/],
  ['FROM alpine\n', /FROM alpine: only node:VERSION/],
])('%j stops it', (dockerfile, message) => {
  expect(() => build(dockerfile)).toThrow(message);
});
