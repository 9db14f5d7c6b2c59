import type { Node } from '../document/documents.ts';
import type { SchemeModel, SchemeUse, SecurityModel } from '../model.ts';
import { type CheckContext, nameOf } from './context.ts';

/** `components.securitySchemes`, by name. A scheme that cannot be understood is a problem where it stands. */
export function readSchemes(root: Node, context: CheckContext): Map<string, SchemeModel> {
  const schemes = new Map<string, SchemeModel>();
  for (const at of context.entries(context.at(context.at(root, 'components'), 'securitySchemes'), 'securitySchemes')) {
    const node = context.follow(at);
    if (node === undefined || !context.object(node, 'a security scheme')) continue;
    const scheme = readScheme(node, context);
    if (scheme !== undefined) schemes.set(nameOf(at), scheme);
  }
  return schemes;
}

function readScheme(node: Node & { readonly value: Readonly<Record<string, unknown>> }, context: CheckContext): SchemeModel | undefined {
  const { type, name, scheme } = node.value;
  const place = node.value.in;
  switch (type) {
    case 'apiKey':
      if (typeof name === 'string' && name !== '' && (place === 'header' || place === 'query' || place === 'cookie'))
        return { type, in: place, key: name };
      context.problems.error('bad_security_scheme', node, 'an apiKey scheme must have a name, and in: header, query or cookie');
      return undefined;
    case 'http':
      if (typeof scheme === 'string' && scheme !== '') return { type, scheme: scheme.toLowerCase(), tokens: tokensOf(node.value) };
      context.problems.error('bad_security_scheme', node, 'an http scheme must have a scheme such as bearer or basic');
      return undefined;
    case 'oauth2':
      checkFlows(context.at(node, 'flows'), context);
      return { type: 'bearer' };
    case 'openIdConnect':
      return { type: 'bearer' };
    case 'mutualTLS':
      return { type: 'unseen' };
    default:
      context.problems.error(
        'bad_security_scheme',
        node,
        'type of a security scheme must be apiKey, http (basic and bearer are its schemes), oauth2, openIdConnect or mutualTLS',
      );
      return undefined;
  }
}

/** `bearerFormat` is a hint (3.1.1 §4.8.27, Security Scheme Object): one that is there and names no JWT says that the tokens are something else. */
function tokensOf({ scheme, bearerFormat }: Readonly<Record<string, unknown>>): 'verifiable' | 'opaque' {
  const jwt = bearerFormat === undefined || (typeof bearerFormat === 'string' && /jwt|json web token/i.test(bearerFormat));
  return jwt && String(scheme).toLowerCase() === 'bearer' ? 'verifiable' : 'opaque';
}

const FLOWS: ReadonlySet<string> = new Set(['implicit', 'password', 'clientCredentials', 'authorizationCode']);

/** How a token is obtained is for clients; only a flow that would be taken for another one is named. */
function checkFlows(flows: Node, context: CheckContext): void {
  for (const flow of context.members(flows, 'flows')) {
    const name = nameOf(flow);
    if (FLOWS.has(name) || (name === 'deviceAuthorization' && context.version === '3.2')) continue;
    if (name === 'deviceAuthorization')
      context.problems.warning(
        'not_in_this_version',
        flow,
        `deviceAuthorization belongs to OpenAPI 3.2; this document says ${context.version}`,
      );
    else context.problems.warning('unknown_field', flow, `${JSON.stringify(name.slice(0, 100))} is no flow of OAuth 2.0`);
  }
}

/** A list of security requirements. Undefined: none is stated here. An empty list asks for nothing. */
export function readSecurity(owner: Node, schemes: ReadonlyMap<string, SchemeModel>, context: CheckContext): SecurityModel | undefined {
  const node = context.at(owner, 'security');
  // 3.0.4 §4.7.10.1: an empty list removes what the document asks for; a key without a value is no list.
  if (node.value === undefined || (node.value === null && context.items(node, 'security').length === 0)) return undefined;
  const alternatives: Array<readonly SchemeUse[]> = [];
  for (const at of context.items(node, 'security')) {
    if (!context.object(at, 'a security requirement')) continue;
    alternatives.push(Object.keys(at.value).map((name) => readUse(context.at(at, name), schemes, context)));
  }
  return { place: node, alternatives };
}

function readUse(at: Node, schemes: ReadonlyMap<string, SchemeModel>, context: CheckContext): SchemeUse {
  const name = nameOf(at);
  const scheme = schemes.get(name) ?? byUri(at, name, context);
  if (scheme !== undefined) return { name, scheme, scopes: readScopes(at, scheme, context), place: at };
  const known = [...schemes.keys()].find((k) => k.toLowerCase() === name.toLowerCase());
  context.problems.error('unknown_security_scheme', at, `no security scheme is called ${JSON.stringify(name.slice(0, 100))}`, known);
  return { name, scheme: { type: 'unseen' }, scopes: [], place: at };
}

/** OpenAPI 3.2, Security Requirement Object: a name that is no component's may be the URI of a Security Scheme Object. */
function byUri(at: Node, name: string, context: CheckContext): SchemeModel | undefined {
  if (context.version !== '3.2' || !/[#./:]/.test(name)) return undefined;
  const resolved = context.documents.resolve(at, name);
  if (!resolved.ok) {
    if ('load' in resolved && !context.documents.failed.has(resolved.load)) context.missing.add(resolved.load);
    return undefined;
  }
  const node = context.follow(resolved.node);
  return node !== undefined && context.object(node, 'a security scheme') ? readScheme(node, context) : undefined;
}

/** Scopes, or since 3.1 the roles that other types need (3.1.1 §4.8.30). */
function readScopes(at: Node, scheme: SchemeModel, context: CheckContext): readonly string[] {
  const { problems } = context;
  if (!Array.isArray(at.value)) {
    problems.warning('wrong_type', at, 'a security requirement has a list of scopes: [] where none is needed');
    return [];
  }
  const scopes = at.value.filter((scope: unknown) => typeof scope === 'string');
  if (scopes.length < at.value.length) problems.warning('wrong_type', at, 'scopes are text');
  if (scheme.type !== 'bearer' && scopes.length > 0 && context.version === '3.0')
    problems.warning('not_in_this_version', at, 'in OpenAPI 3.0 only oauth2 and openIdConnect have scopes; what stands here is not judged');
  return scopes;
}
