import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { Problem } from './problem.ts';
import { root } from './tree.ts';

interface TextRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  readonly where: (file: string) => boolean;
}

const isTest = (file: string) => /\.(test|spec)\.[cm]?[jt]s$/.test(file);
const isLock = (file: string) => file.endsWith('package-lock.json');
/** These name what they look for. */
const isLint = (file: string) => /^scripts\/lint(-house|\/text)(\.test)?\.ts$/.test(file);
const isOurs = (file: string) => !isLint(file) && !isLock(file) && file !== 'LICENSE';

const RULES: readonly TextRule[] = [
  {
    rule: 'focused-test',
    pattern: /\b(it|test|describe|bench|suite)(\.\w+)*\.(only|skip|todo|fails)\b/,
    message: 'every test runs, always',
    where: (file) => isTest(file) && !isLint(file),
  },
  {
    rule: 'left-open',
    pattern: /\b(TODO|FIXME|XXX|HACK|not implemented)\b/,
    message: 'finish it, or leave it out',
    where: (file) => isOurs(file) && /^(src|ui|helm|examples|scripts|test|loadtests|bench|bin|docs|\.ci)\//.test(file),
  },
  {
    rule: 'machine-path',
    pattern: /(?<![\w.)\]}*-])\/(?:home|Users|root|work)\/[\w.-]/,
    message: 'a path of one machine; write it relative to the repository',
    where: isOurs,
  },
  {
    rule: 'registry',
    pattern: /\bregistry\.(?:npm|yarn)\w*\.\w+/,
    message: 'which package registry is asked is a setting of the machine',
    where: (file) => !isLint(file),
  },
  {
    rule: 'download-address',
    pattern: /"resolved": "https?:/,
    message: 'lock files hold versions and digests, no addresses (.npmrc: omit-lockfile-registry-resolved)',
    where: isLock,
  },
  {
    rule: 'process-word',
    pattern: /\b(?:sub-?agents?|claude|anthropic|chatgpt|llms?|CEO)\b|(?<!--)\bissue \d+\b/,
    message: 'say what the thing is, not how the work on it was organised',
    where: isOurs,
  },
];

/** Rules that a line of text is enough for. `machine` holds the paths and hosts of the machine at hand: they must not stand anywhere. */
export function checkText(file: string, text: string, machine: readonly string[] = []): Problem[] {
  const rules = RULES.filter((r) => r.where(file));
  return text.split('\n').flatMap((line, i) => {
    const problems = rules.filter((r) => r.pattern.test(line)).map(({ rule, message }) => ({ file, line: i + 1, rule, message }));
    const named = isLock(file) ? undefined : machine.find((word) => line.includes(word));
    return named === undefined
      ? problems
      : [...problems, { file, line: i + 1, rule: 'machine', message: `${named} belongs to this machine` }];
  });
}

/** Where this checkout stands, whose home it is, and from which hosts the machine installs packages. */
export function machineWords(): string[] {
  // A folder right below `/` could be anything's name; those that could not are in RULES.
  const paths = [`${dirname(root)}/`, `${homedir()}/`].filter((path) => path.split('/').length > 3);
  return [...paths, ...new Set([npmHost(), ...aptHosts()].filter((host) => host !== undefined && host !== 'localhost'))] as string[];
}

function npmHost(): string | undefined {
  const url =
    process.env.npm_config_registry ??
    execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return URL.parse(url.trim())?.hostname;
}

function aptHosts(): string[] {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((name) => `${folder}/${name}`) : [])];
  const texts = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  return [...texts.join('\n').matchAll(/https?:\/\/[^\s]+/g)].map(([url]) => URL.parse(url)?.hostname ?? '').filter((host) => host !== '');
}
