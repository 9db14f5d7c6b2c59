/** The process itself: the streams, the exit code, and what happens to an error that nobody expected. */
import { program } from './program.ts';
import { EXIT } from './output.ts';

/** Whoever reads our output may leave early (`plumbline check … | head`); that is no error. */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.on('uncaughtException', crash);

const code = await program(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
}).catch((error: unknown) => crash(error));
leave(code);

function crash(error: unknown): never {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`plumbline: a bug in Plumbline (${process.version}, ${process.platform}); please report it:\n${what}\n`);
  process.exit(EXIT.bug);
}

/** Not before both streams have taken everything, except where the user is in a hurry. */
function leave(exitCode: number): void {
  if (exitCode === EXIT.interrupted) process.exit(exitCode);
  process.exitCode = exitCode;
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}
