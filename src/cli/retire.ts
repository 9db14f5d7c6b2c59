import { adminClient } from './admin-client.ts';
import { EXIT, type Io } from './output.ts';

/**
 * `plumbline retire`: tells the gateway on this machine that its service is about to end. For a `preStop` hook, which Kubernetes runs when a pod begins to
 * end; the SIGTERM of a native sidecar comes when the service is gone. Throws UsageError where the gateway cannot be asked.
 */
export async function retire(flags: Readonly<Record<string, unknown>>, io: Io): Promise<number> {
  const ask = await adminClient(flags, io);
  await ask('POST', '/api/retire', {});
  io.stdout.write('the gateway lets go of its clients; it serves on until SIGTERM\n');
  return EXIT.ok;
}
