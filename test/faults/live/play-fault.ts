/** A fault in a configuration: what came is held against what is promised. */
import { values } from '../strict-head.ts';
import { checkAnswer, checkLine } from './check-promised.ts';
import { type Configuration, CONFIGURATIONS, type ConfigurationName, LIMITS, OPENAPI } from './configurations.ts';
import type { Expected, Fault } from './fault.ts';
import type { Step } from './steps.ts';
import { HEALTHY } from './upstream.ts';
import { UNDER_TEST, World } from './world.ts';

const BODY = '{"a":"b"}';

/** @returns what is wrong, in words; nothing: the promise holds. */
export async function playFault(fault: Fault, name: ConfigurationName): Promise<string[]> {
  const configuration: Configuration = CONFIGURATIONS[name];
  const expected = fault.expect[name] as Expected;
  return World.with(
    {
      policies: { deadline: LIMITS[fault.limits ?? 'long'], ...configuration.policies },
      openapi: configuration.contract === true ? OPENAPI : undefined,
      to: fault.to ?? 'scripted',
      script: (index) => (index === 0 || fault.always === true || configuration.always === true ? fault.upstream : HEALTHY),
    },
    (world) => run(world, fault, configuration, expected),
  );
}

async function run(world: World, fault: Fault, configuration: Configuration, expected: Expected): Promise<string[]> {
  const path = `${UNDER_TEST}${fault.id}`;
  const wrong: string[] = [];
  const client = await world.client(fault.client.map((step) => written(step, path, configuration)));
  const due = expected.answers.filter(({ as }) => as !== 'left');
  const { answers, junk } = await world.hear(client, due.length);
  due.forEach((promised, i) => wrong.push(...checkAnswer(answers[i], promised)));
  // Who leaves in the middle of an answer has the beginning of it.
  if (junk !== undefined && due.length === expected.answers.length) wrong.push(`behind the last answer came ${junk}`);
  await world.idle();
  wrong.push(...checkAsked(world, path, expected.asked, expected.whole ?? expected.asked));
  if (expected.circuit !== undefined && (await world.metric('circuit_state', { state: expected.circuit })) !== 1)
    wrong.push(`the circuit is not ${expected.circuit}`);
  if (expected.again !== undefined) wrong.push(...(await again(world, path, configuration, expected.again)));
  const exchanges = [...expected.answers, ...(expected.again === undefined ? [] : [expected.again.gets])];
  const { wrong: left, lines } = await world.remains(exchanges.length);
  exchanges.forEach((promised, i) => wrong.push(...checkLine(lines[i], promised)));
  const attempts = lines[expected.answers.length - 1]?.attempts;
  if (expected.attempts !== undefined && attempts !== expected.attempts) wrong.push(`${attempts} tries, not ${expected.attempts}`);
  return [...wrong, ...left];
}

/** The same request once more: what is kept under its key. */
async function again(world: World, path: string, configuration: Configuration, { gets, asked }: NonNullable<Expected['again']>) {
  await world.upstream.heal();
  const answer = await world.ask(requestOf(path, configuration));
  await world.idle();
  const wrong = [...checkAnswer(answer, gets), ...checkAsked(world, path, asked, undefined)];
  return wrong.map((text) => `the same key again: ${text}`);
}

function keyOf(path: string, { request }: Configuration): string {
  return request.keyed === true ? `Idempotency-Key: ${path.slice(UNDER_TEST.length)}\r\n` : '';
}

function requestOf(path: string, configuration: Configuration): string {
  const { method } = configuration.request;
  if (method === 'GET') return `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const fields = `Host: x\r\n${keyOf(path, configuration)}Content-Type: application/json\r\nContent-Length: ${BODY.length}`;
  return `POST ${path} HTTP/1.1\r\n${fields}\r\n\r\n${BODY}`;
}

function written(step: Step, path: string, configuration: Configuration): Step {
  if (step[0] !== 'send' && step[0] !== 'dribble') return step;
  const text = step[1]
    .replaceAll('REQUEST', requestOf(path, configuration))
    .replaceAll('PATH', path)
    .replaceAll('KEY\r\n', keyOf(path, configuration));
  return [step[0], text];
}

function checkAsked(world: World, path: string, asked: Expected['asked'], wholes: Expected['asked'] | undefined): string[] {
  const { requests } = world.upstream.requests(path);
  const wrong: string[] = [];
  if (asked !== 'any' && requests.length !== asked) wrong.push(`the upstream was asked ${requests.length} times, not ${asked}`);
  const whole = requests.filter((request) => request.whole).length;
  if (wholes !== undefined && wholes !== 'any' && whole !== wholes) wrong.push(`the upstream got ${whole} whole requests, not ${wholes}`);
  // RT-9: every try after the first says which one it is.
  const numbers = requests.map(({ fields }) => values(fields, 'x-retry-attempt')[0]).filter((one) => one !== undefined);
  if (new Set(numbers).size !== numbers.length) wrong.push(`the tries are numbered ${numbers}`);
  return wrong;
}
