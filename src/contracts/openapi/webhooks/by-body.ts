import {
  type BodyLook,
  type ContractRequest,
  type ContractResponse,
  type DeprecatedParts,
  type DeprecatedUse,
  type DriftParts,
  type ItemCheck,
  type Operation,
  type Outcome,
  type RawParams,
  type Side,
  type Trait,
  VALID,
  type Violation,
} from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import { headerValue } from '../../../core/headers.ts';
import type { ParsedBody } from '../../../core/parsed-body.ts';
import { isObject, lookUp } from '../document/pointer.ts';
import { parseMediaType } from '../media/media-type.ts';
import type { OpenApiOperation } from '../operation.ts';

const NO_PARAMS: RawParams = new Map();
const NO_USES: readonly DeprecatedUse[] = Object.freeze([]);
const NO_DRIFT: readonly Drift[] = Object.freeze([]);

export interface ByBodyParts {
  /** What metrics call all of them together. */
  readonly id: string;
  readonly method: string;
  /** Where in a JSON body the name stands (RFC 6901). */
  readonly pointer: string;
  /** The webhook of a name that the body says; of a body that says none (`undefined`) too. */
  readonly pick: (name: string | undefined) => OpenApiOperation | undefined;
  readonly candidates: readonly OpenApiOperation[];
}

/**
 * Several webhooks of which the body says which one it is. Nothing is known before the body is there: its head is judged with it. What was
 * asked is not known any more when the answer comes: that is judged where all of them document the same answers.
 */
export class ByBody implements Operation {
  readonly id: string;
  readonly method: string;
  readonly template: string;
  readonly specPointer = '/webhooks';
  readonly deprecated: boolean;
  readonly deprecation = undefined;
  readonly deprecatedParts: DeprecatedParts;
  readonly driftParts: DriftParts;
  readonly challenge: string | undefined;
  readonly keyFields: readonly string[];
  readonly #pointer: string;
  readonly #pick: ByBodyParts['pick'];
  readonly #candidates: readonly OpenApiOperation[];
  /** Any of them, where all document the same answers; null where they do not. */
  #answers: OpenApiOperation | null | undefined;

  constructor({ id, method, pointer, pick, candidates }: ByBodyParts) {
    this.id = id;
    this.method = method;
    this.template = id;
    this.deprecated = candidates.every((one) => one.deprecated);
    this.challenge = candidates.every((one) => one.challenge === candidates[0]?.challenge) ? candidates[0]?.challenge : undefined;
    this.keyFields = [...new Set(candidates.flatMap((one) => one.keyFields))];
    this.#pointer = pointer;
    this.#pick = pick;
    this.#candidates = candidates;
    this.deprecatedParts = {
      inHeads: () => NO_USES,
      inBody: (request, response, body) => (response === undefined ? this.#deprecatedIn(request, body) : NO_USES),
    };
    this.driftParts = {
      inHead: (request, response) =>
        response === undefined ? NO_DRIFT : (this.#oneForAnswers()?.driftParts.inHead(request, response) ?? NO_DRIFT),
      inBody: (request, response, body) =>
        response === undefined
          ? this.#driftIn(request, body)
          : (this.#oneForAnswers()?.driftParts.inBody(request, response, body) ?? NO_DRIFT),
    };
  }

  /** Credentials are judged with the body, by presence and form. */
  asksForToken(): boolean {
    return false;
  }

  looksAtBody(side: Side, request: ContractRequest, response: ContractResponse | undefined): BodyLook {
    if (side === 'request') return isJson(request) ? true : 'media_type';
    const one = this.#oneForAnswers();
    if (one === null) return response === undefined ? false : 'unsupported';
    return one.looksAtBody('response', request, response);
  }

  checkRequestHead(): Outcome {
    return VALID;
  }

  checkRequestBody(request: ContractRequest, body: ParsedBody | undefined): Outcome {
    const json = body?.json();
    if (json?.ok === false) return this.#broken('malformed', '', 'the body is not JSON');
    const one = this.#namedIn(json?.value);
    if (one === undefined)
      return this.#broken('undocumented_webhook', this.#pointer, 'the contract does not know the webhook that the body names', {
        named: nameIn(json?.value, this.#pointer),
      });
    const head = one.checkRequestHead(request, NO_PARAMS);
    const rest = one.checkRequestBody(request, body);
    if (head.is === 'invalid')
      return rest.is === 'invalid' ? { is: 'invalid', violations: [...head.violations, ...rest.violations] } : head;
    return rest.is === 'valid' ? head : rest;
  }

  checkResponseHead(request: ContractRequest, response: ContractResponse): Outcome {
    return this.#oneForAnswers()?.checkResponseHead(request, response) ?? { is: 'skipped', reason: 'unsupported' };
  }

  checkResponseBody(request: ContractRequest, response: ContractResponse, body: ParsedBody | undefined): Outcome {
    return this.#oneForAnswers()?.checkResponseBody(request, response, body) ?? { is: 'skipped', reason: 'unsupported' };
  }

  openItems(side: Side, request: ContractRequest, response: ContractResponse | undefined): ItemCheck | undefined {
    return side === 'request' ? undefined : this.#oneForAnswers()?.openItems(side, request, response);
  }

  challengeTo(violation: Violation): string | undefined {
    return this.#candidates[0]?.challengeTo(violation);
  }

  #namedIn(body: unknown): OpenApiOperation | undefined {
    return this.#pick(nameIn(body, this.#pointer));
  }

  #deprecatedIn(request: ContractRequest, body: ParsedBody): readonly DeprecatedUse[] {
    const json = body.json();
    const parts = json.ok ? this.#namedIn(json.value)?.deprecatedParts : undefined;
    return parts === undefined ? NO_USES : [...parts.inHeads(request, undefined), ...parts.inBody(request, undefined, body)];
  }

  #driftIn(request: ContractRequest, body: ParsedBody): readonly Drift[] {
    const json = body.json();
    const parts = json.ok ? this.#namedIn(json.value)?.driftParts : undefined;
    return parts === undefined ? NO_DRIFT : [...parts.inHead(request, undefined), ...parts.inBody(request, undefined, body)];
  }

  #oneForAnswers(): OpenApiOperation | null {
    if (this.#answers === undefined) {
      const [first, ...others] = this.#candidates;
      const same = first !== undefined && others.every((other) => other.documentsAnswersOf(first));
      this.#answers = same ? first : null;
    }
    return this.#answers;
  }

  #broken(rule: string, pointer: string, detail: string, trait?: Trait): Outcome {
    return {
      is: 'invalid',
      violations: [
        { rule, side: 'request', location: 'body', pointer, specPointer: this.specPointer, detail, ...(trait !== undefined && { trait }) },
      ],
    };
  }
}

function nameIn(body: unknown, pointer: string): string | undefined {
  const name = isObject(body) ? lookUp(body, pointer) : undefined;
  return typeof name === 'string' ? name : undefined;
}

function isJson({ headers }: ContractRequest): boolean {
  const type = headerValue(headers, 'content-type');
  const media = type === undefined ? undefined : parseMediaType(type);
  return media !== undefined && (media.subtype === 'json' || media.suffix === 'json');
}
