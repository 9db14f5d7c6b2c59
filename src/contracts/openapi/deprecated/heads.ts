import type { ContractRequest, ContractResponse, DeprecatedUse } from '../../../core/contract.ts';
import { headerValue, headerValues } from '../../../core/headers.ts';
import type { HeaderModel, ParameterModel } from '../model.ts';
import { cookieValue, eachPair, formDecode } from '../parameters/decode.ts';
import type { SpecPointers } from '../schema/violations.ts';

/** Deprecated parameters of an operation. An exploded object, whose members are parameters themselves, has no name to be found by. */
export class DeprecatedParameters {
  readonly #always: readonly DeprecatedUse[];
  readonly #query: ReadonlyArray<readonly [name: string, prefix: string, use: DeprecatedUse]>;
  readonly #headers: ReadonlyArray<readonly [lower: string, use: DeprecatedUse]>;
  readonly #cookies: ReadonlyArray<readonly [name: string, use: DeprecatedUse]>;

  constructor(models: readonly ParameterModel[], pointers: SpecPointers) {
    const of = <T>(place: string, make: (model: ParameterModel, use: DeprecatedUse) => T): T[] =>
      models
        .filter((model) => model.in === place)
        .map((model) => make(model, { element: place === 'header' ? 'header' : 'parameter', specPointer: pointers.of(model.place) }));
    this.#always = of('path', (_, use) => use);
    this.#query = of('query', ({ name }, use) => [name, `${name}[`, use] as const);
    this.#headers = of('header', ({ name }, use) => [name.toLowerCase(), use] as const);
    this.#cookies = of('cookie', ({ name }, use) => [name, use] as const);
  }

  find(request: ContractRequest, uses: DeprecatedUse[]): void {
    uses.push(...this.#always);
    if (this.#query.length > 0 && request.query !== '') this.#inQuery(request.query, uses);
    for (const [lower, use] of this.#headers) if (headerValue(request.headers, lower) !== undefined) uses.push(use);
    if (this.#cookies.length === 0) return;
    const lines = headerValues(request.headers, 'cookie');
    for (const [name, use] of this.#cookies) if (cookieValue(lines, name) !== undefined) uses.push(use);
  }

  #inQuery(query: string, uses: DeprecatedUse[]): void {
    const names = new Set<string>();
    eachPair(query, (raw) => void names.add(raw));
    const decoded = [...names].map(formDecode);
    for (const [name, prefix, use] of this.#query)
      if (decoded.some((sent) => sent === name || sent?.startsWith(prefix) === true)) uses.push(use);
  }
}

/** Deprecated headers of one response. */
export class DeprecatedHeaders {
  readonly #headers: ReadonlyArray<readonly [lower: string, use: DeprecatedUse]>;

  constructor(models: readonly HeaderModel[], pointers: SpecPointers) {
    this.#headers = models.map(({ name, place }) => [name.toLowerCase(), { element: 'header', specPointer: pointers.of(place) }] as const);
  }

  find(response: ContractResponse, uses: DeprecatedUse[]): void {
    for (const [lower, use] of this.#headers) if (headerValue(response.headers, lower) !== undefined) uses.push(use);
  }
}
