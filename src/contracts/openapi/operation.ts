import type {
  BodyLook,
  ContractRequest,
  ContractResponse,
  DeprecatedParts,
  Deprecation,
  DriftParts,
  ItemCheck,
  Operation,
  Outcome,
  RawParams,
  Side,
  Violation,
} from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import type { Place } from './document/documents.ts';
import { lookUp } from './document/pointer.ts';
import { OpenApiDeprecatedParts } from './deprecated/parts.ts';
import { OpenApiDriftParts } from './drift/parts.ts';
import { Findings, type Judging } from './judging.ts';
import type { OperationModel } from './model.ts';
import { Parameters } from './parameters/parameters.ts';
import { RequestBody } from './request-body.ts';
import { Responses } from './responses.ts';
import { Security, keyFieldsOf } from './security.ts';

/** What is prepared of an operation when it is first used: which schemas there are, not yet the compiled ones. */
interface Plan {
  readonly parameters: Parameters;
  readonly body: RequestBody;
  readonly responses: Responses;
}

export class OpenApiOperation implements Operation {
  readonly id: string;
  readonly method: string;
  readonly template: string;
  readonly specPointer: string;
  readonly deprecated: boolean;
  readonly deprecation: Deprecation | undefined;
  readonly deprecatedParts: DeprecatedParts | undefined;
  readonly driftParts: DriftParts;
  readonly challenge: string | undefined;
  readonly keyFields: readonly string[];
  readonly #judging: Judging;
  readonly #model: OperationModel;
  readonly #security: Security | undefined;
  #plan: Plan | undefined;

  constructor(judging: Judging, model: OperationModel) {
    this.id = model.id;
    this.method = model.method;
    this.template = model.template;
    this.specPointer = judging.pointers.of(model.place);
    this.deprecated = model.deprecated;
    this.deprecation = model.deprecation;
    this.deprecatedParts = judging.deprecated.unused ? undefined : new OpenApiDeprecatedParts(judging, model);
    this.driftParts = new OpenApiDriftParts(judging, model);
    this.#judging = judging;
    this.#model = model;
    this.#security = Security.of(model.security, judging.title, judging.pointers);
    this.challenge = this.#security?.challenge;
    this.keyFields = keyFieldsOf(model.security);
  }

  namesStatus(status: number): boolean {
    return this.#model.responses.some((response) => response.status === String(status));
  }

  asksForToken(request: ContractRequest): boolean {
    return this.#security?.asksForToken(request) ?? false;
  }

  looksAtBody(side: Side, request: ContractRequest, response: ContractResponse | undefined): BodyLook {
    const { body, responses } = this.#prepared();
    if (side === 'request') return body.need(request);
    return response === undefined ? false : responses.need(request, response);
  }

  openItems(side: Side, request: ContractRequest, response: ContractResponse | undefined): ItemCheck | undefined {
    const { body, responses } = this.#prepared();
    if (side === 'request') return body.open(request);
    return response === undefined ? undefined : responses.open(response);
  }

  challengeTo(violation: Violation): string | undefined {
    return this.#security?.challengeTo(violation);
  }

  checkRequestHead(request: ContractRequest, params: RawParams, token?: TokenVerdict): Outcome {
    const { parameters, body, responses } = this.#prepared();
    const findings = new Findings(this.#judging, 'request');
    this.#security?.check(request, findings, token);
    body.checkHead(request, findings);
    responses.checkAccept(request, findings);
    if (!parameters.empty) parameters.check(request, params, findings);
    return findings.outcome();
  }

  checkRequestBody(request: ContractRequest, body: ParsedBody | undefined): Outcome {
    const findings = new Findings(this.#judging, 'request');
    this.#prepared().body.check(request, body, findings);
    return findings.outcome();
  }

  checkResponseHead(request: ContractRequest, response: ContractResponse): Outcome {
    const findings = new Findings(this.#judging, 'response');
    this.#prepared().responses.checkHead(request, response, findings);
    return findings.outcome();
  }

  checkResponseBody(request: ContractRequest, response: ContractResponse, body: ParsedBody | undefined): Outcome {
    const findings = new Findings(this.#judging, 'response');
    this.#prepared().responses.checkBody(request, response, body, findings);
    return findings.outcome();
  }

  /** Whether the document says the same of the answers to both: then one can be judged by the other. */
  documentsAnswersOf(other: OpenApiOperation): boolean {
    const [mine, others] = [this.#model.responsesPlace, other.#model.responsesPlace];
    if (mine.file !== others.file || this.#model.responses.length === 0) return false;
    const text = ({ file, pointer }: Place): string => JSON.stringify(lookUp(file.value, pointer));
    return text(mine) === text(others);
  }

  /** Makes the plan, which mentions every schema of the operation; true if that was still to be done. */
  prepare(): boolean {
    if (this.#plan !== undefined) return false;
    this.#prepared();
    return true;
  }

  #prepared(): Plan {
    this.#plan ??= {
      parameters: new Parameters(this.#judging, this.#model, this.#security?.queryKeys ?? new Set()),
      body: new RequestBody(this.#judging, this.#model),
      responses: new Responses(this.#judging, this.#model.responses, this.#model.responsesPlace),
    };
    return this.#plan;
  }
}
