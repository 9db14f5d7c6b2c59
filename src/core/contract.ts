import type { RawHeaders } from './headers.ts';
import type { ParsedBody } from './parsed-body.ts';

/** Which half of an exchange a verdict is about. */
export type Side = 'request' | 'response';

/** Where in a message a violation was found. `route` is the path and method themselves. */
export type Location = 'route' | 'security' | 'path' | 'query' | 'header' | 'cookie' | 'media_type' | 'body' | 'status';

/** Why something was not judged: neither right nor wrong. */
export type SkipReason =
  | 'sampled'
  | 'too_large'
  | 'media_type'
  | 'no_schema'
  | 'no_contract'
  | 'stream'
  | 'overload'
  | 'encoding'
  | 'unsupported';

/**
 * One broken rule. `pointer` is a JSON pointer (RFC 6901) into what was judged: the body, or `/name` of a parameter or header.
 * `specPointer` is a JSON pointer into the document, as written there. `detail` is for people and never quotes a payload.
 */
export interface Violation {
  /**
   * Stable, from a closed set: a JSON Schema keyword (`required`, `type`, `pattern`, …) or one of `malformed`, `body_required`,
   * `media_type`, `not_acceptable`, `credentials`, `undocumented_path`, `undocumented_method`, `undocumented_status`,
   * `undocumented_body`, `parameter_required`, `parameter_format`, `header_required`.
   */
  readonly rule: string;
  readonly side: Side;
  readonly location: Location;
  readonly pointer: string;
  readonly specPointer: string;
  readonly detail: string;
}

export type Outcome =
  | { readonly is: 'valid' }
  | { readonly is: 'invalid'; readonly violations: readonly Violation[] }
  | { readonly is: 'skipped'; readonly reason: SkipReason };

export const VALID: Outcome = Object.freeze({ is: 'valid' });

/** What of a request a contract may look at. `path` is raw (still percent-encoded) and without the query; `query` is raw, without `?`. */
export interface ContractRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: RawHeaders;
}

export interface ContractResponse {
  readonly status: number;
  readonly headers: RawHeaders;
}

/** Path parameters as they stand in the path, still percent-encoded. */
export type RawParams = ReadonlyMap<string, string>;

export type Match =
  | { readonly operation: Operation; readonly params: RawParams }
  | { readonly miss: 'path' }
  | { readonly miss: 'method'; readonly allow: readonly string[] };

/** One operation of a compiled contract. All methods are pure; none throws on any input. */
export interface Operation {
  /** operationId, without one `METHOD /path`. */
  readonly id: string;
  readonly method: string;
  readonly template: string;
  /** A place in the document (JSON pointer) that a person can go to. */
  readonly specPointer: string;
  readonly deprecated: boolean;
  /** Value of WWW-Authenticate (RFC 9110 §11.6.1) for a request without credentials; undefined where the operation needs none. */
  readonly challenge: string | undefined;
  /** Request fields in which it takes an API key, in lower case, where it asks for one or lets one be sent. */
  readonly keyFields: readonly string[];
  /** Whether a verdict on this side needs the body's bytes: true, false (the head decides all), or why the body cannot be judged. */
  looksAtBody(side: Side, request: ContractRequest, response: ContractResponse | undefined): true | false | SkipReason;
  /** Credentials, media type and parameters, in this order (CP-4); needs no body. */
  checkRequestHead(request: ContractRequest, params: RawParams): Outcome;
  /** The body alone; the head has been judged by then. `undefined`: the message had no body. */
  checkRequestBody(request: ContractRequest, body: ParsedBody | undefined): Outcome;
  /** Status, headers and media type; needs no body. */
  checkResponseHead(request: ContractRequest, response: ContractResponse): Outcome;
  /** The body alone; the head has been judged by then. `undefined`: the message had no body. */
  checkResponseBody(request: ContractRequest, response: ContractResponse, body: ParsedBody | undefined): Outcome;
}

/** A compiled contract. Immutable: a new version of the document is a new Contract. */
export interface Contract {
  readonly name: string;
  /** `info.version` of the document. */
  readonly version: string;
  /** First 12 hexadecimal digits of the SHA-256 of all files read. */
  readonly digest: string;
  readonly operations: readonly Operation[];
  match(method: string, path: string): Match;
  /** Compiles the validators of the next operation that has none yet; false when there is nothing left to do. */
  warmUp(): boolean;
}
