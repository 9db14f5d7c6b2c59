import type { TokenVerdict } from './credentials.ts';
import type { Drift } from './drift.ts';
import type { RawHeaders } from './headers.ts';
import type { Ownership } from './ownership.ts';
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
  | 'unsupported'
  /** An access token that could not be verified. */
  | 'unverified';

/** What of a broken rule is the same in every message that breaks it: by it drift is grouped, and shown. Never a value. */
export interface Trait {
  /** As `pointer`, but items of lists and members of maps are `*`. */
  readonly place?: string | undefined;
  /** JSON type of what was there, `integer` apart from `number`. */
  readonly type?: string | undefined;
  /** The format that a text there looked like. */
  readonly format?: string | undefined;
  /** Of alternatives of which none fits: it is of none of their types, or its discriminator names none of them. */
  readonly fits?: 'no_type' | 'no_name' | undefined;
  /** What the message calls something that the document does not know. Of a caller's making. */
  readonly named?: string | undefined;
  /** What is missing is deprecated, and may be missing from then on; undefined there: no instant is given. */
  readonly deprecated?: { readonly sunsetAt: number | undefined } | undefined;
}

/**
 * One broken rule. `pointer` is a JSON pointer (RFC 6901) into what was judged: the body, or `/name` of a parameter or header.
 * `specPointer` is a JSON pointer into the document, as written there. `detail` is for people and never quotes a payload.
 */
export interface Violation {
  /**
   * Stable, from a closed set: a JSON Schema keyword (`required`, `type`, `pattern`, …) or one of `malformed`, `body_required`,
   * `media_type`, `not_acceptable`, `credentials`, `credentials_invalid`, `scope_missing`, `undocumented_path`, `undocumented_method`, `undocumented_webhook`, `undocumented_status`,
   * `undocumented_body`, `parameter_required`, `parameter_format`, `header_required`.
   */
  readonly rule: string;
  readonly side: Side;
  readonly location: Location;
  readonly pointer: string;
  readonly specPointer: string;
  readonly detail: string;
  /**
   * The scalar that breaks the rule, as one bounded line of JSON. A contract gives it wherever there is one; the contract policy takes it away again but
   * for the fields that `showValues` names, and no answer ever has it.
   */
  readonly value?: string;
  /** Where more is known than pointers tell. No answer and no page ever has it. */
  readonly trait?: Trait;
}

export type Outcome =
  | { readonly is: 'valid' }
  /** `skipped`: why a part could not be judged, beside those that are wrong. */
  | { readonly is: 'invalid'; readonly violations: readonly Violation[]; readonly skipped?: SkipReason }
  | { readonly is: 'skipped'; readonly reason: SkipReason };

/** The most that one verdict lists. */
export const MAX_VIOLATIONS = 50;

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
  /** The request names a webhook that the contract does not know, or none. */
  | { readonly miss: 'webhook'; readonly named?: string }
  | { readonly miss: 'method'; readonly allow: readonly string[] };

/**
 * When something goes away, and what comes after it (semantics PC-3). Instants in milliseconds since 1970, whole seconds; links as URI
 * references (RFC 3986). `sunsetAt` is never before `deprecatedAt`.
 */
export interface Deprecation {
  readonly deprecatedAt: number | undefined;
  /** From then on it may be gone (RFC 8594). */
  readonly sunsetAt: number | undefined;
  readonly successor: string | undefined;
  /** Where people read about it. */
  readonly info: string | undefined;
}

/** Kinds of what can be deprecated. `header`: a field of a request or an answer; `parameter`: one of path, query or cookie. */
export type DeprecatedElement = 'operation' | 'parameter' | 'header' | 'request_field' | 'response_field';

/** Something deprecated that a message has: information, not a violation. `specPointer`: where the document says so. */
export interface DeprecatedUse {
  readonly element: DeprecatedElement;
  readonly specPointer: string;
}

/** What of an operation's messages is deprecated. Each thing is named once, however often a message has it. */
export interface DeprecatedParts {
  /** Parameters of the request, and headers of the answer where there is one. */
  inHeads(request: ContractRequest, response: ContractResponse | undefined): readonly DeprecatedUse[];
  /** Members of a JSON body. Bounded: of a huge body what was found until then. */
  inBody(request: ContractRequest, response: ContractResponse | undefined, body: ParsedBody): readonly DeprecatedUse[];
}

/**
 * What messages have that the contract does not know: no violation, as the document leaves room for it. In a shape of a body that was seen before a
 * member costs one comparison. Bounded; nothing throws on any input.
 */
export interface DriftParts {
  /** Names in the query of the request; where there is an answer, header fields of that alone. */
  inHead(request: ContractRequest, response: ContractResponse | undefined): readonly Drift[];
  /** Members of a JSON body, and texts beside the extensible enumerations. */
  inBody(request: ContractRequest, response: ContractResponse | undefined, body: ParsedBody): readonly Drift[];
}

/**
 * Judges a body as it goes by, and keeps no more of it than the item or the small fields at hand. Nothing throws on any input. The work is
 * in proportion to the bytes given.
 */
export interface ItemCheck {
  /** Bytes kept at the moment. */
  readonly heldBytes: number;
  /** What is known to be wrong before the end, in the order in which it was found: `end` and `cut` list it first. Never more than MAX_VIOLATIONS. */
  readonly found: readonly Violation[];
  onData(chunk: Uint8Array): void;
  /** The body is over. */
  end(): Outcome;
  /** It breaks off: the verdict on the items that came whole, `stream` where there are none. What is said of the body as a whole is not held against it. */
  cut(): Outcome;
}

/**
 * What a verdict needs of a body: its bytes as a whole (true), nothing (false: the head decides), to see it go by item by item, never held
 * (`items`), either (`parts`), or why it cannot be judged.
 */
export type BodyLook = true | false | 'items' | 'parts' | SkipReason;

/** One operation of a compiled contract. All methods are pure; none throws on any input. */
export interface Operation {
  /** operationId, without one `METHOD /path`. */
  readonly id: string;
  readonly method: string;
  readonly template: string;
  /** A place in the document (JSON pointer) that a person can go to. */
  readonly specPointer: string;
  readonly deprecated: boolean;
  /** Undefined where the document gives no date and no link. */
  readonly deprecation: Deprecation | undefined;
  /** Undefined where no file of the contract says that anything is deprecated. */
  readonly deprecatedParts: DeprecatedParts | undefined;
  /** Undefined where nothing of it can be told apart. */
  readonly driftParts: DriftParts | undefined;
  /** Whether the document has a response of exactly this status, no range and no default; absent: that is not known. */
  namesStatus?(status: number): boolean;
  /** Value of WWW-Authenticate (RFC 9110 §11.6.1) for a request without credentials; undefined where the operation needs none. */
  readonly challenge: string | undefined;
  /** A verdict on this request depends on what becomes of its access token, where that is verified: nothing else lets it in. */
  asksForToken(request: ContractRequest): boolean;
  /** Value of WWW-Authenticate in the answer to this violation of its security requirements; undefined: none. */
  challengeTo(violation: Violation): string | undefined;
  /** Request fields in which it takes an API key, in lower case, where it asks for one or lets one be sent. */
  readonly keyFields: readonly string[];
  /** What a verdict on this side needs of the body. */
  looksAtBody(side: Side, request: ContractRequest, response: ContractResponse | undefined): BodyLook;
  /** For a body that is judged as it goes by (`items`, `parts`); undefined for any other. The head is judged apart. */
  openItems(side: Side, request: ContractRequest, response: ContractResponse | undefined): ItemCheck | undefined;
  /**
   * Credentials, media type and parameters, in this order (CP-4); needs no body. `token`: what became of the access token; undefined where
   * nothing verifies it, and then credentials are judged by presence and form alone.
   */
  checkRequestHead(request: ContractRequest, params: RawParams, token?: TokenVerdict): Outcome;
  /** The body alone; the head has been judged by then. `undefined`: the message had no body. */
  checkRequestBody(request: ContractRequest, body: ParsedBody | undefined): Outcome;
  /** Status, headers and media type; needs no body. */
  checkResponseHead(request: ContractRequest, response: ContractResponse): Outcome;
  /** The body alone; the head has been judged by then. `undefined`: the message had no body. */
  checkResponseBody(request: ContractRequest, response: ContractResponse, body: ParsedBody | undefined): Outcome;
}

/** Where a request says which webhook it is: `name` for all of them, or a header, a place in the JSON body, or both, joined. */
export type WebhookNaming =
  | { readonly name: string }
  | { readonly header: string; readonly pointer: string | undefined }
  | { readonly header: undefined; readonly pointer: string };

/** The webhooks of a document (OpenAPI 3.1 §4.8.1.1): requests that have a name instead of a path. */
export interface Webhooks {
  readonly names: readonly string[];
  /** A contract that holds each request against the webhook that it names, whatever its path. The same one for the same naming. */
  named(naming: WebhookNaming): Contract;
}

/** A compiled contract. Immutable: a new version of the document is a new Contract. */
export interface Contract {
  readonly name: string;
  /** `info.version` of the document. */
  readonly version: string;
  /** First 12 hexadecimal digits of the SHA-256 of all files read. */
  readonly digest: string;
  readonly operations: readonly Operation[];
  /** `headers`: of the request, for contracts that are matched by more than the path. */
  match(method: string, path: string, headers?: RawHeaders): Match;
  /** Set where this is a view of another contract: of its webhooks, as a route names them. */
  readonly viewOf?: { readonly contract: Contract; readonly naming: WebhookNaming };
  /** Templates under which an operation is found, with the base paths before them; absent where paths mean nothing. */
  pathsOf?(operation: Operation): readonly string[];
  /** What the document itself says of who owns it and what was promised; absent where it says nothing of that. */
  readonly declared?: Ownership | undefined;
  /** Authorities that its servers name, in lower case; undefined where any may be meant. */
  readonly hosts?: ReadonlySet<string> | undefined;
  /** What the document says of webhooks; absent where it names none. */
  readonly webhooks?: Webhooks;
  /**
   * Takes one step towards having every validator compiled: those that traffic has asked for first. Most steps take a fraction of a
   * millisecond, the largest some ten. False: there is nothing left to do.
   */
  warmUp(): boolean;
}
