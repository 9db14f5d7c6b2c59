import type { ContractResponse, DeprecatedParts, DeprecatedUse } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';

/**
 * Which deprecated members a body has, noted where the body is parsed anyway (large ones by the worker); `policies/deprecation` counts them when the
 * exchange is over.
 */
export function noteDeprecated(x: Exchange, parts: DeprecatedParts, response: ContractResponse | undefined, body: ParsedBody): void {
  addDeprecated(x, parts.inBody(x.request, response, body));
}

export function addDeprecated(x: Exchange, found: readonly DeprecatedUse[]): void {
  if (found.length === 0) return;
  x.deprecatedFields = x.deprecatedFields === undefined ? found : [...x.deprecatedFields, ...found];
}
