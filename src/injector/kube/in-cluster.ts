import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeError } from './kube-error.ts';

/** Where a pod finds the credentials of its service account. */
const ACCOUNT_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Tokens have some 1.5 KB, bundles of certificates a few. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The API server as a pod sees it: address from two variables, credentials from files that the kubelet renews. */
export interface ApiServer {
  readonly host: string;
  readonly port: number;
  /** Folder with `token`, `ca.crt` and `namespace`. */
  readonly accountDir: string;
}

/** What a call needs, as it is in the files now. */
export interface Credentials {
  readonly token: string;
  /** PEM. */
  readonly ca: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The API server of the cluster that this runs in. Throws KubeError outside one. */
export function inCluster(env: Environment, accountDir = ACCOUNT_DIR): ApiServer {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = env;
  if (host === '' || !/^\d{1,5}$/.test(port)) {
    throw new KubeError('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT do not say where the API server is: not in a pod?', undefined);
  }
  return { host, port: Number(port), accountDir };
}

/** Read for every call: the kubelet renews tokens hourly, and certificates when the cluster's change. Throws KubeError. */
export async function credentials({ accountDir }: ApiServer): Promise<Credentials> {
  const [token, ca] = await Promise.all([readSmall(join(accountDir, 'token')), readSmall(join(accountDir, 'ca.crt'))]);
  return { token: token.trim(), ca };
}

/** The namespace that the pod runs in. Throws KubeError where that cannot be seen. */
export async function ownNamespace({ accountDir }: Pick<ApiServer, 'accountDir'>): Promise<string> {
  return (await readSmall(join(accountDir, 'namespace'))).trim();
}

async function readSmall(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new KubeError(`${path} cannot be read (${error.code ?? error.message}): is the service account's token mounted?`, undefined);
  });
  if (text.trim() === '' || text.length > MAX_FILE_BYTES)
    throw new KubeError(`${path} is ${text.trim() === '' ? 'empty' : 'too large'}`, undefined);
  return text;
}
