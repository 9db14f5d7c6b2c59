import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { ContractConfig, Mode } from './config.ts';

/** What is to be judged of one exchange. */
export interface Plan {
  readonly request: Mode;
  readonly response: Mode;
  /** What is done about a path or method that the contract does not know. */
  readonly undocumented: 'ignore' | 'report' | 'enforce';
}

const NOTHING: Plan = Object.freeze({ request: 'off', response: 'off', undocumented: 'ignore' });

/** Modes by operation, resolved once; who is never judged (CP-1, CP-2). */
export class Plans {
  readonly #ignored: readonly string[];
  readonly #byOperation: ReadonlyMap<string, Plan>;
  readonly #otherwise: Plan;

  constructor(config: ContractConfig) {
    const { request, response } = config;
    const undocumented = config.undocumented ?? (request === 'off' ? 'ignore' : request);
    this.#ignored = config.ignore.filter((entry) => entry.startsWith('/'));
    this.#otherwise = Object.freeze({ request, response, undocumented });
    this.#byOperation = new Map(
      Object.entries(config.operations).map(([id, own]) => [
        id,
        Object.freeze({ request: own.request ?? request, response: own.response ?? response, undocumented }),
      ]),
    );
  }

  of(x: Exchange): Plan {
    if (this.#ignored.length > 0 && this.#ignored.some((prefix) => covers(prefix, x.request.path))) return NOTHING;
    if (x.operation === undefined) return isPreflight(x) ? NOTHING : this.#otherwise;
    return this.#byOperation.get(x.operation.id) ?? this.#otherwise;
  }
}

/** Whole segments: `/healthz` covers `/healthz` and `/healthz/live`, not `/healthzz`. */
function covers(prefix: string, path: string): boolean {
  return path === prefix || (path.startsWith(prefix) && (prefix.endsWith('/') || path[prefix.length] === '/'));
}

/** A CORS preflight (Fetch, "CORS-preflight request"). */
function isPreflight(x: Exchange): boolean {
  return (
    x.request.method === 'OPTIONS' &&
    headerValue(x.request.headers, 'origin') !== undefined &&
    headerValue(x.request.headers, 'access-control-request-method') !== undefined
  );
}
