import { Command, CommanderError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import type { DemoOptions } from './demo.ts';
import { addDrift } from './drift/commands.ts';
import { type Flag, given, isOn, variableOf } from './flags.ts';
import { INJECT_FLAGS } from './inject/flags.ts';
import { INJECTOR_FLAGS } from './injector-flags.ts';
import { EXIT, type Io, UsageError } from './output.ts';
import { RUN_FLAGS } from './run-settings.ts';

const CHECK_FLAGS: readonly Flag[] = [
  { long: '--format', value: '<format>', text: 'text, json, sarif (2.1.0) or github (annotations of a workflow) (default: text)' },
  { long: '--json', text: 'the same as --format json' },
  { long: '--all', text: 'every warning and info, where there are many of one kind' },
];

const DEMO_FLAGS: readonly Flag[] = [
  { long: '--port', value: '<port>', text: 'port of the gateway, 0 for any (default: 7080, or any where it is taken)' },
  { long: '--admin-port', value: '<port>', text: 'port of health, metrics and API, 0 for any (default: 7090, or any where it is taken)' },
  { long: '--json', text: 'one JSON document a line instead of the summary for people' },
];

const ADMIN_FLAGS: readonly Flag[] = [
  { long: '--admin', value: '<url>', text: 'address of health, metrics and API of a gateway (default: that of the one on this machine)' },
  { long: '--token', value: '<token>', text: 'its admin token; better said in the variable' },
  { long: '--json', text: 'JSON for machines' },
];

const OUTCOMES_FLAGS: readonly Flag[] = [
  { long: '--state', value: '<state>', text: 'open, settled or all (default: open)' },
  { long: '--api', value: '<name>', text: 'of one API only' },
  ...ADMIN_FLAGS,
];

const SETTLE_FLAGS: readonly Flag[] = [
  { long: '--as', value: '<what>', text: 'executed or not-executed: what you found out' },
  { long: '--note', value: '<text>', text: 'how, and what was done about it' },
  ...ADMIN_FLAGS,
];

const RETIRE_FLAGS: readonly Flag[] = [
  ...RUN_FLAGS.filter(({ long }) => long === '--config'),
  ...ADMIN_FLAGS.filter(({ long }) => long !== '--json'),
];

const HEALTH_FLAGS = RUN_FLAGS.filter(({ long }) => ['--config', '--admin-host', '--admin-port'].includes(long));

type Flags = Readonly<Record<string, unknown>>;

/** Runs one command line (without the program itself); resolves with the exit code. A throw is a bug in Plumbline. */
export async function program(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const root = new Command('plumbline')
    .description('Holds the live traffic of a service against its API contract.')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .configureHelp({ helpWidth: 110 })
    .showSuggestionAfterError()
    .addHelpText('after', EXAMPLES);
  addFlags(root.command('run').description('start the gateway'), RUN_FLAGS).action(async (flags: Flags) => {
    const { run } = await import('./run.ts');
    code = await run(flags, io);
  });
  addFlags(root.command('check').description('check configurations and contracts; every problem at once'), CHECK_FLAGS)
    .argument('<file...>', 'configurations or contracts, told apart by what is in them')
    .action(async (files: readonly string[], flags: Flags) => {
      const { check, checkOptions } = await import('./check.ts');
      code = await check(files, checkOptions(flags, io), io);
    });
  addFlags(root.command('health').description('ask the gateway on this machine whether it is ready'), HEALTH_FLAGS).action(
    async (flags: Flags) => {
      const { health } = await import('./health.ts');
      code = await health(flags, io);
    },
  );
  addFlags(root.command('retire').description('tell the gateway on this machine that its service is about to end'), RETIRE_FLAGS).action(
    async (flags: Flags) => {
      const { retire } = await import('./retire.ts');
      code = await retire(flags, io);
    },
  );
  addFlags(root.command('demo').description('an example service, the gateway in front of it, and traffic'), DEMO_FLAGS).action(
    async (flags: Flags) => {
      const options = demoOptions(flags, io);
      const { demo } = await import('./demo.ts');
      code = await demo(options);
    },
  );
  const outcomes = addFlags(
    root.command('outcomes').description('list mutations of which nobody knows whether the upstream carried them out'),
    OUTCOMES_FLAGS,
  ).action(async (flags: Flags) => {
    const { listOutcomes } = await import('./outcomes.ts');
    code = await listOutcomes(flags, io);
  });
  addFlags(outcomes.command('settle').description('say what became of one of them'), SETTLE_FLAGS)
    .argument('<id>', 'as it is listed')
    .action(async (id: string, _flags: Flags, command: Command) => {
      const { settleOutcome } = await import('./outcomes.ts');
      // What both commands take may stand before or behind the word.
      code = await settleOutcome(id, command.optsWithGlobals(), io);
    });
  addFlags(root.command('inject').description('put the sidecar into Kubernetes manifests, or take it out again'), INJECT_FLAGS)
    .argument('[file...]', 'YAML or JSON; - or none: the standard input')
    .action(async (files: readonly string[], flags: Flags) => {
      const { inject } = await import('./inject/inject.ts');
      code = await inject(files, flags, io);
    });
  addFlags(
    root.command('injector').description('put the sidecar into pods as they are created: a Kubernetes admission webhook'),
    INJECTOR_FLAGS,
  ).action(async (flags: Flags) => {
    const { injector } = await import('./injector.ts');
    code = await injector(flags, io);
  });
  addDrift(root, addFlags, io, (ended) => {
    code = ended;
  });
  try {
    await root.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`plumbline: ${error.message}\n`);
    return EXIT.usage;
  }
  return code;
}

function addFlags(command: Command, flags: readonly Flag[]): Command {
  for (const { long, short, value, text, noVariable } of flags) {
    const names = `${short === undefined ? '' : `${short}, `}${long}${value === undefined ? '' : ` ${value}`}`;
    command.addOption(new Option(names, noVariable === true ? text : `${text} [${variableOf(long)}]`));
  }
  return command;
}

function demoOptions(flags: Flags, { env }: Io): DemoOptions {
  const port = (long: string): number | undefined => {
    const value = given(long, flags, env);
    if (value === undefined) return undefined;
    if (!/^\d{1,5}$/.test(value.value) || Number(value.value) > 65_535) {
      throw new UsageError(`${value.origin} takes a port, 0 to 65535, not ${JSON.stringify(value.value)}`);
    }
    return Number(value.value);
  };
  const [main, admin] = [port('--port'), port('--admin-port')];
  return {
    ...(main !== undefined && { port: main }),
    ...(admin !== undefined && { adminPort: admin }),
    json: isOn(given('--json', flags, env)?.value),
  };
}

const EXAMPLES = `
Examples:
  plumbline run --spec openapi.yaml --upstream http://127.0.0.1:3000
  plumbline run --spec openapi.yaml --upstream http://127.0.0.1:3000 --enforce request
  plumbline run --config plumbline.yaml
  plumbline check plumbline.yaml openapi.yaml
  plumbline check --format sarif openapi.yaml > plumbline.sarif
  plumbline demo
  plumbline outcomes --state open
  plumbline drift report --state new
  plumbline drift report --spec openapi.yaml traffic.har
  plumbline inject --contract billing-openapi deployment.yaml | kubectl apply -f -

A variable in brackets says what its flag says; the flag wins.
Exit codes: 0 fine; 1 what was checked is not; 2 wrong usage, a file or configuration that cannot be used; 70 a bug in Plumbline.`;
