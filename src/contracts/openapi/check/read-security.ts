import type { Node } from '../document/documents.ts';
import { isObject } from '../document/pointer.ts';
import type { SchemeModel, SchemeUse, SecurityModel } from '../model.ts';
import { type CheckContext, nameOf } from './context.ts';

/** `components.securitySchemes`, by name. A scheme that cannot be understood is a problem where it stands. */
export function readSchemes(root: Node, context: CheckContext): Map<string, SchemeModel> {
  const schemes = new Map<string, SchemeModel>();
  for (const at of context.members(context.at(context.at(root, 'components'), 'securitySchemes'), 'securitySchemes')) {
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
      if (typeof scheme === 'string' && scheme !== '') return { type, scheme: scheme.toLowerCase() };
      context.problems.error('bad_security_scheme', node, 'an http scheme must have a scheme such as bearer or basic');
      return undefined;
    case 'oauth2':
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

/** A list of security requirements. Undefined: none is stated here. An empty list asks for nothing. */
export function readSecurity(owner: Node, schemes: ReadonlyMap<string, SchemeModel>, context: CheckContext): SecurityModel | undefined {
  const node = context.at(owner, 'security');
  if (node.value === undefined) return undefined;
  const alternatives: Array<readonly SchemeUse[]> = [];
  for (const at of context.items(node, 'security')) {
    if (!context.object(at, 'a security requirement')) continue;
    const uses: SchemeUse[] = [];
    for (const name of Object.keys(at.value)) {
      const scheme = schemes.get(name);
      if (scheme === undefined) {
        const known = isObject(at.value) ? [...schemes.keys()].find((k) => k.toLowerCase() === name.toLowerCase()) : undefined;
        context.problems.error(
          'unknown_security_scheme',
          context.at(at, name),
          `no security scheme is called ${JSON.stringify(name.slice(0, 100))}`,
          known,
        );
        uses.push({ name, scheme: { type: 'unseen' } });
      } else uses.push({ name, scheme });
    }
    alternatives.push(uses);
  }
  return { place: node, alternatives };
}
