import { Issues, type Schema, nearest } from '../core/schema.ts';
import { printable, show } from '../core/schema/show.ts';
import { choice } from '../core/schema.ts';
import { NAME } from '../config/values.ts';
import { ANNOTATIONS, INJECTED, INJECT_LABEL, PREFIX } from './names.ts';
import { cpuLimit, cpuRequest, memoryLimit, memoryRequest } from './quantity.ts';
import { type Refused, type Where, refused } from './result.ts';
import { apiName, configMapName, contractRef, image, owner, port } from './settings-values.ts';
import { DEFAULT_SETTINGS, ENFORCE, type InjectSettings, LOG, SAID_BY_CONFIG, requestsAboveLimits } from './settings.ts';

/** Settings with a pod's annotations over them, and the name that its API goes by. */
export interface Wishes extends InjectSettings {
  readonly api: string;
}

type Key = keyof typeof ANNOTATIONS;

const SCHEMAS = {
  config: configMapName,
  contract: contractRef,
  api: apiName,
  port,
  enforce: choice(ENFORCE),
  owner,
  log: choice(LOG),
  image,
  cpuRequest,
  cpuLimit,
  memoryRequest,
  memoryLimit,
} as const satisfies Readonly<Record<Key, Schema<unknown>>>;

type Given = { readonly [K in Key]?: (typeof SCHEMAS)[K] extends Schema<infer T> ? T : never };

/** What a pod's annotations ask for, over the settings. A wrong one is refused by its name: nothing is read and ignored. */
export function readWishes(annotations: Readonly<Record<string, unknown>>, where: Where, settings: InjectSettings): Wishes | Refused {
  const faults = [...unknownNames(annotations)];
  const given = readAnnotations(annotations, faults);
  if (faults.length > 0) return refused('annotation', shown(faults));
  const merged = mergedWith(settings, given);
  const against = [...besideConfig(merged, given), ...aboveLimits(merged, given)];
  if (against.length > 0) return refused('annotation', shown(against));
  if (merged.config === undefined && merged.contract === undefined) {
    return refused(
      'no_contract',
      `no contract is named: annotate ${ANNOTATIONS.contract}: <ConfigMap>[/<key>], or ${ANNOTATIONS.config}: <ConfigMap>`,
    );
  }
  const api = merged.api ?? where.name;
  if (NAME.test(api)) return { ...merged, api };
  const why = api === '' ? 'the workload has no name' : `${show(api)} cannot name an API`;
  return refused('no_name', `${why}: annotate ${ANNOTATIONS.api}: <name>`);
}

const MAX_SHOWN = 5;
const MAX_NAME = 80;

function shown(faults: readonly string[]): string {
  const more = faults.length > MAX_SHOWN ? [`${faults.length - MAX_SHOWN} more`] : [];
  return printable([...faults.slice(0, MAX_SHOWN), ...more].join('; '));
}

const KNOWN: readonly string[] = [...Object.values(ANNOTATIONS), INJECTED];

function* unknownNames(annotations: Readonly<Record<string, unknown>>): Generator<string> {
  let guesses = MAX_SHOWN; // each costs some comparisons of names, and a webhook is asked about as many annotations as fit into 3 MiB
  for (const name of Object.keys(annotations)) {
    if (!name.startsWith(PREFIX) || KNOWN.includes(name)) continue;
    if (name === INJECT_LABEL) yield `${name} is a label, not an annotation`;
    else {
      const meant = guesses > 0 ? nearest(name, KNOWN) : undefined;
      guesses -= 1;
      yield `the annotation ${name.slice(0, MAX_NAME)} is not known${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    }
  }
}

function readAnnotations(annotations: Readonly<Record<string, unknown>>, faults: string[]): Given {
  const given: Record<string, unknown> = {};
  for (const key of Object.keys(ANNOTATIONS) as Key[]) {
    const name = ANNOTATIONS[key];
    if (!Object.hasOwn(annotations, name)) continue;
    const written = annotations[name];
    if (typeof written !== 'string') {
      faults.push(`${name} is ${show(written)}; annotations are text: put it in quotes`);
      continue;
    }
    const issues = new Issues();
    given[key] = SCHEMAS[key].parse(written, [], issues);
    faults.push(...issues.list.map(({ message }) => `${name}: ${message}`));
  }
  return given as Given;
}

/** A pod's own configuration takes the place of all that the settings say of one; its own contract the place of theirs. */
function mergedWith(
  settings: InjectSettings,
  { cpuRequest: cpu, cpuLimit: cpuMost, memoryRequest: memory, memoryLimit: memoryMost, ...given }: Given,
): InjectSettings {
  const { requests, limits } = settings.resources;
  const base: InjectSettings =
    given.config !== undefined
      ? { ...settings, ...SAID_BY_CONFIG, trustedPeers: DEFAULT_SETTINGS.trustedPeers }
      : given.contract === undefined
        ? settings
        : { ...settings, config: undefined };
  return {
    ...base,
    ...given,
    resources: {
      requests: { cpu: cpu ?? requests.cpu, memory: memory ?? requests.memory },
      limits: { cpu: cpuMost ?? limits.cpu, memory: memoryMost ?? limits.memory },
    },
  };
}

function besideConfig({ config }: InjectSettings, given: Given): string[] {
  if (config === undefined) return [];
  const whose = given.config === undefined ? `the configuration in the ConfigMap ${config} of the settings` : ANNOTATIONS.config;
  return (Object.keys(SAID_BY_CONFIG) as (keyof typeof SAID_BY_CONFIG)[])
    .filter((key) => given[key] !== undefined)
    .map((key) => `${ANNOTATIONS[key]} cannot go with ${whose}, which says it itself`);
}

function aboveLimits({ resources }: InjectSettings, given: Given): string[] {
  return requestsAboveLimits(resources).map(({ of, request, limit }) => {
    const isOfRequest = given[`${of}Request`] !== undefined;
    const [said, other] = isOfRequest ? ([`${of}Request`, `${of}Limit`] as const) : ([`${of}Limit`, `${of}Request`] as const);
    const message = isOfRequest
      ? `${request} is more than the limit, ${limit}: raise`
      : `${limit} is less than the request, ${request}: lower`;
    return `${ANNOTATIONS[said]}: ${message} ${ANNOTATIONS[other]} too`;
  });
}
