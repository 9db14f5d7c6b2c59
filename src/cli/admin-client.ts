import { given } from './flags.ts';
import { show } from '../core/schema/show.ts';
import { type AdminAddress, localAdmin } from './admin-address.ts';
import { type Io, UsageError } from './output.ts';

/** How long an answer may take: all of it is in the gateway's memory. */
const TIMEOUT_MS = 10_000;
/** Far above the longest page; what is larger is not the admin server. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A JSON document from the admin server; throws UsageError, with what can be done about it, where there is none to be had. */
export type AskAdmin = (method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>;

/** `--admin` and `--token`; without them the gateway on this machine, as `plumbline health` finds it. */
export async function adminClient(flags: Readonly<Record<string, unknown>>, io: Io, timeoutMs = TIMEOUT_MS): Promise<AskAdmin> {
  const { origin, token } = await address(flags, io);
  return async (method, path, body) => {
    const headers = {
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    let response: Response;
    let text: string;
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      // A redirect would take the token somewhere else.
      response = await fetch(`${origin}${path}`, {
        method,
        headers,
        redirect: 'error',
        signal,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      text = await textOf(response);
    } catch (error) {
      throw new UsageError(`${origin} cannot be asked: ${why(error, timeoutMs)}; ${WHERE}`);
    }
    const answer = parse(text);
    if (response.ok && answer !== undefined) return answer;
    throw new UsageError(`${origin} ${said(response, answer)}`);
  };
}

const WHERE = 'the address of the admin server, `admin` in the configuration, is said by --admin http://host:port (PLUMBLINE_ADMIN)';

async function address(flags: Readonly<Record<string, unknown>>, io: Io): Promise<AdminAddress> {
  const [admin, token] = [given('--admin', flags, io.env), given('--token', flags, io.env)];
  if (token !== undefined && !/^[A-Za-z0-9._~+/-]+=*$/.test(token.value)) throw new UsageError(`${token.origin} is no bearer token`);
  if (admin === undefined) {
    const local = await localAdmin(flags, io);
    // Another gateway may listen there: its list would be taken for that of the one that was meant.
    if (local.unread !== undefined) {
      io.stderr.write(`plumbline: ${local.unread} cannot be used, plumbline check says why; ${local.origin} is asked\n`);
    }
    return { origin: local.origin, token: token?.value ?? local.token };
  }
  const text = admin.value.includes('://') ? admin.value : `http://${admin.value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.username !== '' || /[?#]/.test(text)) {
    throw new UsageError(`${admin.origin} takes an address like http://127.0.0.1:7090, not ${show(admin.value)}`);
  }
  return { origin: url.origin, token: token?.value };
}

async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`its answer is longer than ${MAX_BYTES / 1024 ** 2} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function why(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { readonly cause?: { readonly code?: string; readonly message?: string } };
  if (name === 'TimeoutError' || name === 'AbortError') return `no answer within ${timeoutMs} ms`;
  return cause?.code ?? cause?.message ?? message;
}

function said({ status }: Response, answer: unknown): string {
  if (status === 401) return 'wants its admin token: --token, or better PLUMBLINE_TOKEN';
  const detail = (answer as { readonly detail?: unknown } | undefined)?.detail;
  const isAdmin = (answer as { readonly type?: unknown } | undefined)?.type === 'about:blank';
  if (isAdmin && typeof detail === 'string') return `answered ${status}: ${detail}`;
  return `answered ${status} as no admin server of Plumbline does; ${WHERE}`;
}
