import type { Deprecation } from '../../../core/contract.ts';
import type { Node } from '../document/documents.ts';
import { isObject } from '../document/pointer.ts';
import { type CheckContext, nameOf } from './context.ts';
import { instantMs } from './instant.ts';

const FIELD = 'x-deprecation';
const MEMBERS: ReadonlySet<string> = new Set(['at', 'sunset', 'successor', 'info']);
/** Characters of a URI reference (RFC 3986 §2): what may stand between the angle brackets of a Link (RFC 8288 §3.1). */
const URI_REFERENCE = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]{1,2000}$/;

/**
 * What stands at `x-deprecation` of an operation, a path, the document, a parameter, a header or a schema (semantics PC-3). Undefined where there
 * is none, or nothing in it can be used.
 */
export function readDeprecation(owner: Node, context: CheckContext): Deprecation | undefined {
  const node = context.at(owner, FIELD);
  if (node.value === undefined) return undefined;
  if (!isObject(node.value)) {
    context.problems.error('bad_deprecation', node, `${FIELD} must be an object of at, sunset, successor and info`);
    return undefined;
  }
  for (const name of Object.keys(node.value))
    if (!MEMBERS.has(name) && !name.startsWith('x-'))
      context.problems.warning('unknown_field', context.at(node, name), `${FIELD} has at, sunset, successor and info, and nothing else`);
  const deprecatedAt = instant(context.at(node, 'at'), context);
  const sunsetAt = instant(context.at(node, 'sunset'), context);
  // RFC 9745 §4: "The timestamp given in the Sunset HTTP response header field MUST NOT be earlier than the one given in the Deprecation …".
  if (deprecatedAt !== undefined && sunsetAt !== undefined && sunsetAt < deprecatedAt)
    context.problems.error('bad_deprecation', context.at(node, 'sunset'), 'sunset is before at: nothing goes away before it is deprecated');
  const successor = link(context.at(node, 'successor'), context);
  const info = link(context.at(node, 'info'), context);
  const known = [deprecatedAt, sunsetAt, successor, info].some((value) => value !== undefined);
  return known ? { deprecatedAt, sunsetAt, successor, info } : undefined;
}

/** Whether an operation is deprecated, and what is said of it: its own word before that of its path, and that before the document's. */
export function deprecationOf(
  operation: Node,
  inherited: Deprecation | undefined,
  context: CheckContext,
): { readonly deprecated: boolean; readonly deprecation: Deprecation | undefined } {
  const own = readDeprecation(operation, context);
  const said = context.at(operation, 'deprecated').value;
  if (own !== undefined && said !== true)
    context.problems.warning(
      'deprecation_not_marked',
      context.at(operation, FIELD),
      said === false
        ? `${FIELD} beside deprecated: false: it is taken for current, and callers are told nothing`
        : `${FIELD} without deprecated: true: other tools take this operation for a current one`,
    );
  if (said === false) return { deprecated: false, deprecation: undefined };
  const deprecation = own ?? inherited;
  return { deprecated: said === true || deprecation !== undefined, deprecation };
}

function instant(node: Node, context: CheckContext): number | undefined {
  if (node.value === undefined) return undefined;
  const at = typeof node.value === 'string' ? instantMs(node.value) : undefined;
  if (at === undefined)
    context.problems.error('bad_deprecation', node, `${nameOf(node)} must be a date of RFC 3339: 2026-11-30T00:00:00Z or 2026-11-30`);
  return at;
}

function link(node: Node, context: CheckContext): string | undefined {
  const { value } = node;
  if (value === undefined) return undefined;
  if (typeof value === 'string' && URI_REFERENCE.test(value)) return value;
  const encoded = typeof value === 'string' ? encodeURI(value.toWellFormed()) : '';
  context.problems.error(
    'bad_deprecation',
    node,
    `${nameOf(node)} must be a URI: where people, or programs, read on`,
    value !== encoded && URI_REFERENCE.test(encoded) ? encoded : undefined,
  );
  return undefined;
}
