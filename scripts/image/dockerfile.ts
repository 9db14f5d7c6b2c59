/** One instruction of a Dockerfile, with its flags (`--from=build`) taken off. */
export interface Instruction {
  readonly line: number;
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  /** As written, lines joined. */
  readonly text: string;
}

/** One `FROM` and what follows it. */
export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly steps: readonly Instruction[];
}

/** What an image says about how it is run. */
export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly healthcheck: readonly string[];
  readonly exposed: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string;
}

const KNOWN = new Set('FROM WORKDIR COPY RUN ARG ENV USER EXPOSE LABEL STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(' '));

/**
 * Reads the part of the language that our Dockerfile uses (docs.docker.com/reference/dockerfile). @throws with the line where there is
 * anything that is not known here: what is not understood must not pass as tested.
 */
export function parseDockerfile(text: string): readonly Stage[] {
  const stages: { base: string; name: string; steps: Instruction[] }[] = [];
  for (const instruction of instructions(text)) {
    const { line, name, text: words } = instruction;
    if (name !== 'FROM') {
      const stage = stages.at(-1);
      if (stage === undefined) throw new Error(`line ${line}: ${name} before the first FROM`);
      stage.steps.push(instruction);
      continue;
    }
    const [, base, as] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(words) ?? [];
    if (base === undefined) throw new Error(`line ${line}: FROM ${words}`);
    stages.push({ base, name: as ?? String(stages.length), steps: [] });
  }
  return stages;
}

function instructions(text: string): Instruction[] {
  const found: Instruction[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    let whole = (lines[i] as string).trim();
    if (whole === '' || whole.startsWith('#')) continue;
    while (whole.endsWith('\\')) {
      i++;
      const next = (lines[i] ?? '').trim();
      if (!next.startsWith('#')) whole = `${whole.slice(0, -1).trimEnd()} ${next}`;
    }
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(whole) ?? [];
    if (!KNOWN.has(name)) throw new Error(`line ${line}: ${name} is not known here`);
    const flags: Record<string, string> = {};
    let words = rest;
    for (let m = FLAG.exec(words); m !== null; m = FLAG.exec(words)) {
      flags[m[1] as string] = m[2] as string;
      words = words.slice(m[0].length);
    }
    found.push({ line, name, flags, text: words });
  }
  return found;
}

const FLAG = /^--([a-z-]+)=(\S+)\s+/;

/** Variables by name; `$NAME` and `${NAME}` that are not known are empty, as Docker has it. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (_, braced: string | undefined, bare: string | undefined) => variables[braced ?? bare ?? ''] ?? '',
  );
}

/** `NAME=value NAME="va lue"` of ENV, ARG and LABEL. */
export function pairs({ line, name, text }: Instruction): ReadonlyArray<readonly [string, string]> {
  const found = [...text.matchAll(/([\w.-]+)(?:=(?:"([^"]*)"|((?!")\S*)))?(?:\s+|$)/gy)];
  if (found.reduce((sum, [all]) => sum + all.length, 0) !== text.length) throw new Error(`line ${line}: ${name} ${text}`);
  return found.map(([, key, quoted, bare]) => [key as string, quoted ?? bare ?? ''] as const);
}

/** The words of an instruction in exec form. @throws on shell form: an image without a shell cannot run it. */
export function execForm({ line, name, text }: Instruction): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    if (Array.isArray(words) && words.every((word) => typeof word === 'string')) return words;
  } catch {
    // Told below.
  }
  throw new Error(`line ${line}: ${name} must be a JSON array: there is no shell`);
}

/** What the last stage says about running it. */
export function imageConfig(stage: Stage, args: Readonly<Record<string, string>>): ImageConfig {
  const variables: Record<string, string> = {};
  const config = {
    env: {} as Record<string, string>,
    labels: {} as Record<string, string>,
    exposed: [] as string[],
    ...{ workdir: '/', user: '0', stopSignal: 'SIGTERM' },
    ...{ entrypoint: [] as readonly string[], cmd: [] as readonly string[], healthcheck: [] as readonly string[] },
  };
  for (const step of stage.steps) {
    const text = expand(step.text, variables);
    if (step.name === 'ARG') for (const [name, value] of pairs(step)) variables[name] = args[name] ?? value;
    else if (step.name === 'ENV') Object.assign(config.env, Object.fromEntries(pairs({ ...step, text })));
    else if (step.name === 'LABEL') Object.assign(config.labels, Object.fromEntries(pairs({ ...step, text })));
    else if (step.name === 'EXPOSE') config.exposed.push(...text.split(/\s+/));
    else if (step.name === 'WORKDIR') config.workdir = text;
    else if (step.name === 'USER') config.user = text;
    else if (step.name === 'STOPSIGNAL') config.stopSignal = text;
    else if (step.name === 'ENTRYPOINT') config.entrypoint = execForm(step);
    else if (step.name === 'CMD') config.cmd = execForm(step);
    else if (step.name === 'HEALTHCHECK') config.healthcheck = execForm({ ...step, text: step.text.replace(/^CMD\s+/, '') });
    Object.assign(variables, config.env);
  }
  return config;
}
