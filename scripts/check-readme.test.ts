import { expect, test } from 'vitest';
import { checkPages, type Facts } from './check-readme.ts';
import { show } from './lint/problem.ts';

const HELP: Readonly<Record<string, string>> = {
  '': 'Usage: plumbline [options] [command]\n\nOptions:\n  -V, --version  the version\n\nCommands:\n  run [options]  start\n  check [options] [files...]  check files\n',
  run: 'Usage: plumbline run [options]\n\nOptions:\n  -c, --config <file>  the file\n  --spec <file>  the contract; see also --later\n  --admin-port <n>  port\n',
  check: 'Usage: plumbline check\n\nOptions:\n  --json  for machines\n\nCommands:\n  twice [options] <id>  check again\n',
  'check twice': 'Usage: plumbline check twice\n\nOptions:\n  --slow  carefully\n',
};

const facts: Facts = {
  files: ['README.md', 'docs/a.md', 'src/core/ports.ts', 'scripts/check.ts'],
  scripts: ['start', 'test', 'check'],
  isIgnored: (path) => path.startsWith('bench/results/'),
  help: async (words) => HELP[words.join(' ')] ?? '',
};

const judge = async (text: string) => (await checkPages({ 'README.md': text }, facts)).map(show);

test('what exists is passed', async () => {
  const text = [
    '# Title',
    'Type `npm start`, `npm run check -- types` or `plumbline --version`, read [the page](docs/a.md) or [above](#title).',
    'See `src/core/ports.ts`, `src/core/`, `src/policies/<name>/stage.ts`, [elsewhere](https://a.example/x), `bench/results/a.json` and `npm ci`.',
    '```sh',
    'npx plumbline run --spec openapi.yaml \\',
    '  --admin-port=0 # --not-a-flag',
    'plumbline check --json plumbline.yaml | jq --raw-output .',
    'plumbline check twice a-1 --slow',
    'helm install plumbline helm/plumbline --namespace plumbline --set a=b',
    'docker build -t registry.example/plumbline --build-arg A="$(git log -1 --format=%ct)" . && docker run --rm registry.example/plumbline check --json a',
    'kubectl -n plumbline get pods --watch',
    '```',
  ].join('\n');
  expect(await judge(text)).toEqual([]);
});

test.each([
  ['`npm run chekc`', 'README.md:1 docs: npm run chekc: package.json has no such script'],
  ['a\n```\nplumbline rum --spec a\n```', 'README.md:3 docs: plumbline rum: plumbline --help knows no such command'],
  ['`plumbline run --spek a`', 'README.md:1 docs: --spek: plumbline run --help knows no such flag'],
  ['`plumbline run --later`', 'README.md:1 docs: --later: plumbline run --help knows no such flag'],
  ['`plumbline check twice --json`', 'README.md:1 docs: --json: plumbline check twice --help knows no such flag'],
  [
    '`docker run --rm -i registry.example/plumbline:1.2.3 check --quiet`',
    'README.md:1 docs: --quiet: plumbline check --help knows no such flag',
  ],
  ['`kubectl get pods | plumbline run --watch`', 'README.md:1 docs: --watch: plumbline run --help knows no such flag'],
  [
    '`helm template plumbline helm/plumbline && plumbline check --set`',
    'README.md:1 docs: --set: plumbline check --help knows no such flag',
  ],
  ['`npx plumbline --quiet`', 'README.md:1 docs: --quiet: plumbline --help knows no such flag'],
  ['```\nplumbline run \\\n  --spek a\n```', 'README.md:2 docs: --spek: plumbline run --help knows no such flag'],
  ['\n[x](docs/b.md)', 'README.md:2 link: docs/b.md: no such file'],
  ['[x](#nowhere)', 'README.md:1 link: #nowhere: no such heading'],
  ['`src/core/port.ts`', 'README.md:1 docs: src/core/port.ts: no such file'],
  ['`src/cores/`', 'README.md:1 docs: src/cores/: no such file'],
])('what does not exist is told: %j', async (text, problem) => expect(await judge(text)).toEqual([problem]));

test('a page that the index does not name is told', async () => {
  const pages = { 'docs/README.md': '[A](a.md)', 'docs/a.md': '', 'docs/b/c.md': '' };
  expect((await checkPages(pages, facts)).map(show)).toEqual(['docs/b/c.md:1 docs: docs/README.md does not name this page']);
});
