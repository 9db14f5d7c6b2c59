import type { ContractRequest, ContractResponse, Operation, Outcome, RawParams, Side, SkipReason } from '../../core/contract.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
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
    this.#judging = judging;
    this.#model = model;
    this.#security = Security.of(model.security, judging.title);
    this.challenge = this.#security?.challenge;
    this.keyFields = keyFieldsOf(model.security);
  }

  looksAtBody(side: Side, request: ContractRequest, response: ContractResponse | undefined): true | false | SkipReason {
    const { body, responses } = this.#prepared();
    if (side === 'request') return body.need(request);
    return response === undefined ? false : responses.need(request, response);
  }

  checkRequestHead(request: ContractRequest, params: RawParams): Outcome {
    const { parameters, body, responses } = this.#prepared();
    const findings = new Findings(this.#judging, 'request');
    this.#security?.check(request, findings);
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

  /** Makes the plan, which mentions every schema of the operation; true if that was still to be done. */
  prepare(): boolean {
    if (this.#plan !== undefined) return false;
    this.#prepared();
    return true;
  }

  #prepared(): Plan {
    this.#plan ??= {
      parameters: new Parameters(this.#judging, this.#model.parameters, this.#security?.queryKeys ?? new Set()),
      body: new RequestBody(this.#judging, this.#model),
      responses: new Responses(this.#judging, this.#model.responses, this.#model.responsesPlace),
    };
    return this.#plan;
  }
}
