import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { type ImageConfig, type Instruction, type Stage, execForm, expand, imageConfig, pairs, parseDockerfile } from './dockerfile.ts';
import { ignores } from './dockerignore.ts';

export interface BuildOptions {
  /** Folder with Dockerfile and .dockerignore. */
  readonly context: string;
  /** An empty folder for the file systems of the stages. */
  readonly work: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface Image {
  /** Its file system. */
  readonly root: string;
  readonly config: ImageConfig;
}

/**
 * Carries a Dockerfile out on a machine without Docker: a folder for each stage's file system, COPY as copies, RUN as commands in the
 * folder that stands for the working directory. A base image `node:…` is what this machine has, with the Node that runs this; `scratch`
 * is empty. A RUN must therefore name its files from its working directory on. @throws with the line where a step fails or is not known.
 */
export function buildImage({ context, work, args }: BuildOptions): Image {
  const text = readFileSync(join(context, 'Dockerfile'), 'utf8');
  const stages = parseDockerfile(text);
  const roots = new Map<string, string>();
  const files = contextFiles(context);
  for (const stage of stages) {
    const root = join(work, `stage-${stage.name}`);
    mkdirSync(root);
    roots.set(stage.name, root);
    new Builder({ stage, root, roots, args, context, files, tools: toolsFor(stage.base, work) }).run();
  }
  const last = stages.at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  return { root: roots.get(last.name) as string, config: imageConfig(last, args) };
}

/** Files of the context that .dockerignore leaves in, relative to it. */
export function contextFiles(context: string): readonly string[] {
  const isIgnored = ignores(readFileSync(join(context, '.dockerignore'), 'utf8'));
  const walk = (folder: string): string[] =>
    readdirSync(join(context, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // A folder that is left out may have files that are taken back in; these two never have.
      if (entry.isDirectory()) return ['node_modules', '.git'].includes(entry.name) ? [] : walk(path);
      return isIgnored(path) ? [] : [path];
    });
  return walk('');
}

/** PATH of a base image's RUN; undefined where it has nothing that could run. */
function toolsFor(base: string, work: string): string | undefined {
  if (base === 'scratch') return undefined;
  if (!/^node:[\d.]+-/.test(base)) throw new Error(`FROM ${base}: only node:VERSION-… and scratch can be stood in for`);
  const folder = join(work, 'bin');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    symlinkSync(process.execPath, join(folder, 'node'));
  }
  const rest = (process.env.PATH ?? '').split(delimiter).filter((part) => !part.includes('node_modules'));
  return [folder, ...rest].join(delimiter);
}

interface BuilderParts {
  readonly stage: Stage;
  readonly root: string;
  readonly roots: ReadonlyMap<string, string>;
  readonly args: Readonly<Record<string, string>>;
  readonly context: string;
  readonly files: readonly string[];
  readonly tools: string | undefined;
}

class Builder {
  readonly #parts: BuilderParts;
  readonly #variables: Record<string, string> = {};
  #workdir = '/';

  constructor(parts: BuilderParts) {
    this.#parts = parts;
  }

  run(): void {
    for (const step of this.#parts.stage.steps) this.#step(step);
  }

  #step(step: Instruction): void {
    const text = expand(step.text, this.#variables);
    if (step.name === 'ARG') for (const [name, value] of pairs(step)) this.#variables[name] = this.#parts.args[name] ?? value;
    else if (step.name === 'ENV') Object.assign(this.#variables, Object.fromEntries(pairs({ ...step, text })));
    else if (step.name === 'WORKDIR') this.#enter(text);
    else if (step.name === 'RUN') this.#command(step);
    else if (step.name === 'COPY') this.#copy(step, text.split(/\s+/));
  }

  #enter(path: string): void {
    this.#workdir = path;
    mkdirSync(this.#inside('.'), { recursive: true });
  }

  #inside(path: string): string {
    return join(this.#parts.root, path.startsWith('/') ? path : join(this.#workdir, path));
  }

  #command(step: Instruction): void {
    const { tools } = this.#parts;
    if (tools === undefined) throw new Error(`line ${step.line}: RUN in a stage that has nothing to run it with`);
    const [program = '', ...args] = step.text.startsWith('[') ? execForm(step) : ['/bin/sh', '-c', step.text];
    console.log(`RUN ${step.text}`);
    const { status } = spawnSync(program, args, {
      cwd: this.#inside('.'),
      env: { ...machine(), ...this.#variables, PATH: tools },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (status !== 0) throw new Error(`line ${step.line}: RUN ${step.text} ended with ${status}`);
  }

  #copy({ line, flags }: Instruction, words: readonly string[]): void {
    const to = words.at(-1) ?? '';
    const from = flags.from === undefined ? undefined : this.#parts.roots.get(flags.from);
    if (flags.from !== undefined && from === undefined) throw new Error(`line ${line}: there is no stage ${flags.from}`);
    for (const source of words.slice(0, -1)) {
      if (from === undefined) this.#copyContext(line, source.replace(/^\.\/|\/$/g, ''), to);
      else this.#copyTree(line, join(from, source), this.#inside(to), to.endsWith('/'));
    }
  }

  /** From another stage: with modes, and of a folder what is in it. */
  #copyTree(line: number, from: string, to: string, intoFolder: boolean): void {
    if (!existsSync(from)) throw new Error(`line ${line}: COPY of ${from}, which is not there`);
    const isFolder = statSync(from).isDirectory();
    mkdirSync(isFolder || intoFolder ? to : dirname(to), { recursive: true });
    execFileSync('cp', ['-a', '--no-preserve=ownership', isFolder ? `${from}/.` : from, to]);
  }

  #copyContext(line: number, source: string, to: string): void {
    const { context, files } = this.#parts;
    const found = source === '.' ? files : files.filter((file) => file === source || file.startsWith(`${source}/`));
    if (found.length === 0) throw new Error(`line ${line}: COPY ${source}: .dockerignore leaves nothing of it`);
    for (const file of found) {
      const isFile = file === source;
      const name = isFile ? basename(file) : source === '.' ? file : file.slice(source.length + 1);
      const target = isFile && !/(?:^|\/)\.?\/?$/.test(to) ? this.#inside(to) : join(this.#inside(to), name);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(join(context, file), target);
    }
  }
}

/** What a build needs of the machine: where packages come from, and the mark by which .ci/run finds what was left running. */
const WANTED = /^(?:HOME|TMPDIR|PLUMBLINE_CI_RUN|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy)$/i;
const NPM = /^npm_config_(?:registry|cafile|userconfig|globalconfig)$/i;

function machine(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => WANTED.test(name) || NPM.test(name)));
}
