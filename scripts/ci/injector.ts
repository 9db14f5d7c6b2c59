/**
 * A rollout of 1,000 pods through `plumbline injector`: a process of its own, over TLS, 50 reviews at a time, as API servers send them. Then what hostile
 * clients send, a certificate that is exchanged under load, the end under load, and two replicas that make a certificate of their own. One line for each check; exit code 0 where all hold.
 * `node scripts/ci/injector.ts [PROGRAM]`; PROGRAM is bin/plumbline.js where left out, or the dist/plumbline.js of a bundle.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemRandom } from '../../src/adapters/system-clock/system.ts';
import { makeAuthority, makeServing } from '../../src/injector/certificates/authority.ts';
import { MAX_REVIEW_BYTES } from '../../src/injector/body.ts';
import { type AdmissionAnswer, admissionReview, callWebhook, operationsOf, rolloutPod } from '../../test/kit/admission.ts';
import { FakeKube, WEBHOOKS, webhookConfiguration } from '../../test/kit/kube-api.ts';
import { Child } from './child.ts';

const PODS = 1000;
const PARALLEL = 50;
const ROLLOUTS = 4;
const NAME = 'plumbline-injector.plumbline.svc';
/** What docs/injector.md promises, on a machine that may be busy with other things. */
const P99_MS = 3000;
const TOTAL_MS = 20_000;
const REVIEW_CPU_MS = 10;
const PEAK_MB = 256;
const HOSTILE_PEAK_MB = 384;
const DRAIN_DELAY_MS = 6000;
/** How many certificates are served one after the other under load, and how long that may take. */
const CERTIFICATES = 5;
const ROTATING_MS = 30_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = resolve(process.argv[2] ?? join(root, 'bin/plumbline.js'));
const dir = mkdtempSync(join(tmpdir(), 'plumbline-ci-injector-'));
const random = systemRandom();
const authority = await makeAuthority(Date.now(), random);

async function putCertificate(): Promise<string> {
  const { cert, key } = await makeServing(authority, [NAME], Date.now(), random);
  // One after the other: what lies there in between does not fit, and must not be taken.
  for (const [name, text] of Object.entries({ 'tls.crt': cert, 'tls.key': key })) {
    writeFileSync(join(dir, `${name}.new`), text);
    renameSync(join(dir, `${name}.new`), join(dir, name));
  }
  return cert;
}

function check(holds: boolean, what: string): void {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${what}`);
  if (!holds) process.exitCode = 1;
}

interface Started {
  readonly child: Child;
  readonly url: string;
  readonly probesUrl: string;
}

async function start(certificate: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Started> {
  const local = ['--host', '127.0.0.1', '--port', '0', '--probes-host', '127.0.0.1', '--probes-port', '0'];
  const flags = ['--settings', join(dir, 'settings.yaml'), ...certificate, ...local, '--drain-delay', `${DRAIN_DELAY_MS / 1000}s`];
  const child = new Child(process.execPath, [program, 'injector', ...flags], dir, { ...process.env, ...env });
  const [, url = '', probesUrl = ''] = await child.says(/injector (https:\S+)\n.*probes\s+(http:\S+)/, 60_000);
  return { child, url, probesUrl };
}

/** As many at a time as an API server has connections; none is begun after `untilMs`. */
async function rollOut(
  url: string,
  pods: number,
  agent: https.Agent,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<{ answers: (AdmissionAnswer | Error)[]; times: number[]; totalMs: number }> {
  const [answers, times]: [(AdmissionAnswer | Error)[], number[]] = [[], []];
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      while (next < pods && performance.now() < untilMs) {
        const replica = next++;
        const at = performance.now();
        answers.push(
          await callWebhook({ url, ca: authority.cert, name: NAME, agent }, reviews[replica % reviews.length]).catch(
            (error: Error) => error,
          ),
        );
        times.push(performance.now() - at);
      }
    }),
  );
  return { answers, times: times.sort((a, b) => a - b), totalMs: performance.now() - began };
}

/** Made beforehand: what is measured is the injector, beside a client that does as little as it can. */
const reviews = Array.from({ length: 100 }, (_, i) => JSON.stringify(admissionReview(rolloutPod(i))));
const newAgent = (): https.Agent => new https.Agent({ keepAlive: true, maxSockets: PARALLEL });
const isInjected = (answer: AdmissionAnswer | Error): boolean =>
  !(answer instanceof Error) && answer.response.allowed === true && operationsOf(answer).length > 0;
const lost = (answers: readonly (AdmissionAnswer | Error)[]): string => {
  const bad = answers.find((answer) => !isInjected(answer));
  return bad === undefined ? '' : `; one of those lost: ${bad instanceof Error ? bad.message : JSON.stringify(bad.response).slice(0, 200)}`;
};
/** MB of 10⁶ bytes. `VmHWM` is the most that it ever was. */
function memoryMb({ child }: Started, of: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`${of}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${child.process.pid}/status`, 'utf8'))?.[1];
  return Math.round((Number(kib) * 1024) / 1e6);
}
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

/** The processors' time that it has had, user and system. */
function cpuMs({ child }: Started): number {
  const [user, system] = readFileSync(`/proc/${child.process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? [];
  // In hundredths of a second (USER_HZ).
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 10;
}

/** Other work on the machine only ever adds to a time: one good rollout shows what the injector can do. */
async function ofRollout(one: Started): Promise<void> {
  const [idleMb, cpuBefore] = [memoryMb(one, 'VmRSS'), cpuMs(one)];
  let rollouts = 0;
  for (let isQuick = false; !isQuick && rollouts < ROLLOUTS; ) {
    rollouts += 1;
    const agent = newAgent();
    const { answers, times, totalMs } = await rollOut(one.url, PODS, agent);
    agent.destroy();
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    isQuick = p99 < P99_MS && totalMs < TOTAL_MS;
    const kb = ((reviews[0] ?? '').length / 1000).toFixed(0);
    const told = `${PODS} pods, reviews of ${kb} KB, ${PARALLEL} at a time: ${answers.filter(isInjected).length} injected, p50 ${ms(p50)}, p99 ${ms(p99)}, slowest ${ms(times.at(-1) ?? 0)}, all in ${(totalMs / 1000).toFixed(1)} s (bounds: p99 ${P99_MS} ms, all in ${TOTAL_MS / 1000} s)${lost(answers)}`;
    const isWhole = answers.length === PODS && answers.every(isInjected);
    if (isQuick || !isWhole || rollouts === ROLLOUTS) check(isQuick && isWhole, told);
    else console.log(`again  ${told}`);
  }
  const scrape = await (await fetch(`${one.probesUrl}/metrics`)).text();
  const counted = Number(/plumbline_injector_reviews_total\{outcome="injected"\} (\d+)/.exec(scrape)?.[1]);
  const spentMs = (Number(/plumbline_injector_review_duration_seconds_sum (\S+)/.exec(scrape)?.[1]) / counted) * 1000;
  const cpu = (cpuMs(one) - cpuBefore) / counted;
  check(
    counted === PODS * rollouts && cpu < REVIEW_CPU_MS,
    `the metric counts ${counted} injected; a review takes ${ms(spentMs)} within the process, and ${ms(cpu)} of a processor (bound: ${REVIEW_CPU_MS} ms)`,
  );
  const peakMb = memoryMb(one, 'VmHWM');
  check(peakMb < PEAK_MB, `memory: ${idleMb} MB before, ${memoryMb(one, 'VmRSS')} MB after, ${peakMb} MB at most (bound: ${PEAK_MB} MB)`);
}

/** Refused one way or the other, with nothing broken: the next review is answered. */
async function ofHostile(one: Started): Promise<void> {
  const bodies = [
    '',
    '{',
    '[]',
    '[['.repeat(500_000),
    `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
    JSON.stringify(admissionReview(rolloutPod(), { uid: 'x'.repeat(1_000_000) })),
    'x'.repeat(MAX_REVIEW_BYTES + 1),
    ' '.repeat(MAX_REVIEW_BYTES),
  ];
  const statuses = new Map<string, number>();
  const count = (what: string): void => void statuses.set(what, (statuses.get(what) ?? 0) + 1);
  await Promise.all(
    Array.from({ length: 12 }, (_, round) =>
      bodies.map((body) =>
        callWebhook({ url: one.url, ca: authority.cert, name: NAME }, body).then(
          ({ status }) => count(String(status)),
          // What is far too large may be cut off while it is being sent.
          (error: NodeJS.ErrnoException) => count(error.code ?? `no answer in round ${round}`),
        ),
      ),
    ).flat(),
  );
  const said = [...statuses].map(([what, times]) => `${what} ×${times}`).join(', ');
  const isRefused = [...statuses.keys()].every((what) => /^(?:400|413|503|ECONNRESET|EPIPE)$/.test(what));
  check(isRefused && statuses.has('400'), `hostile bodies are refused: ${said}`);
  const { answers } = await rollOut(one.url, PARALLEL, newAgent());
  const peakMb = memoryMb(one, 'VmHWM');
  check(
    answers.every(isInjected) && peakMb < HOSTILE_PEAK_MB,
    `and reviews are answered after them; ${peakMb} MB at most (bound: ${HOSTILE_PEAK_MB} MB)${lost(answers)}`,
  );
}

async function ofRotation(one: Started): Promise<void> {
  const [kept, certificates] = [newAgent(), new Set<string>()];
  let isOver = false;
  const rotating = (async () => {
    for (; !isOver; await sleep(200)) await putCertificate();
  })();
  const all: (AdmissionAnswer | Error)[] = [];
  for (const until = performance.now() + ROTATING_MS; performance.now() < until && certificates.size < CERTIFICATES; ) {
    // Half on connections that stay, half on new ones.
    const fresh = new https.Agent({ keepAlive: false, maxSockets: PARALLEL });
    const rounds = await Promise.all([rollOut(one.url, 100, kept), rollOut(one.url, 100, fresh)]);
    for (const answer of rounds.flatMap(({ answers }) => answers)) {
      all.push(answer);
      if (!(answer instanceof Error)) certificates.add(answer.certificate);
    }
  }
  isOver = true;
  await rotating;
  kept.destroy();
  check(
    all.length > 0 && all.every(isInjected) && certificates.size >= CERTIFICATES,
    `${all.filter(isInjected).length} of ${all.length} reviews answered while ${certificates.size} certificates were served${lost(all)}`,
  );
}

/** The API server goes on calling until it hears that the pod is going: what is begun well within the drain delay is answered. */
async function ofEnd(one: Started): Promise<void> {
  const [kept, fresh] = [newAgent(), new https.Agent({ keepAlive: false })];
  const warm = await rollOut(one.url, PARALLEL, kept);
  one.child.process.kill('SIGTERM');
  const untilMs = performance.now() + DRAIN_DELAY_MS / 2;
  const rounds = await Promise.all([rollOut(one.url, 1000, kept, untilMs), rollOut(one.url, 1000, fresh, untilMs)]);
  const code = await one.child.exits(30_000);
  kept.destroy();
  const all = [warm, ...rounds].flatMap(({ answers }) => answers);
  check(
    all.length > PARALLEL && all.every(isInjected) && code === 0,
    `SIGTERM under load: ${all.filter(isInjected).length} of ${all.length} answered, exit code ${code}${lost(all)}`,
  );
}

/** Two replicas that begin together, and an API server that knows nothing but the bundle that they gave it. */
async function ofSelfSigned(): Promise<void> {
  const kube = await FakeKube.start(Date.now());
  kube.put(WEBHOOKS, webhookConfiguration());
  const { host, port, accountDir } = kube.api;
  const names = ['--secret', 'plumbline-injector', '--webhook', 'plumbline-injector', '--service', 'plumbline-injector'];
  const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: String(port) };
  const replicas = await Promise.all([1, 2].map(() => start(['--self-signed', ...names, '--account-dir', accountDir], env)));
  try {
    const answers: (AdmissionAnswer | Error)[] = [];
    for (const { url, probesUrl } of replicas) {
      for (const until = performance.now() + 20_000; performance.now() < until && !(await fetch(`${probesUrl}/readyz`)).ok; )
        await sleep(50);
      const [ca = ''] = kube.bundles();
      answers.push(await callWebhook({ url, ca, name: NAME }, reviews[0]).catch((error: Error) => error));
    }
    const served = new Set(answers.map((answer) => (answer instanceof Error ? answer.message : answer.certificate)));
    check(
      answers.every(isInjected) && served.size === 1 && kube.bundles()[0] === kube.secretText('ca.crt'),
      `two replicas that begin together serve ${served.size} certificate, which the API server trusts${lost(answers)}`,
    );
    const codes = await Promise.all(
      replicas.map(({ child }) => {
        child.process.kill('SIGTERM');
        return child.exits(20_000);
      }),
    );
    check(
      codes.every((code) => code === 0),
      `and end with ${codes.join(' and ')}; ${kube.calls.length} calls to the API server in all`,
    );
  } finally {
    for (const { child } of replicas) child.kill();
    await kube.stop();
  }
}

let one: Started | undefined;
try {
  writeFileSync(join(dir, 'settings.yaml'), 'owner: platform\n');
  await putCertificate();
  one = await start(['--cert-dir', dir]);
  await ofRollout(one);
  await ofHostile(one);
  await ofRotation(one);
  await ofEnd(one);
  await ofSelfSigned();
} finally {
  one?.child.kill();
  rmSync(dir, { recursive: true, force: true });
}
