import type { Node } from '../document/documents.ts';
import type { SourceFile } from '../document/source-file.ts';
import { isObject, member } from '../document/pointer.ts';
import type { Model } from '../model.ts';
import { type Seen, checkDialect, checkSchema } from './check-schema.ts';
import { type CheckContext, nameOf } from './context.ts';
import { readBody, readContent, schemaOf } from './read-content.ts';
import { readDeprecation } from './read-deprecation.ts';
import { readOwnership } from './read-ownership.ts';
import { readParameter } from './read-parameters.ts';
import { PathReader } from './read-paths.ts';
import { readSchemes, readSecurity } from './read-security.ts';
import { readServers } from './read-servers.ts';
import { readTags } from './read-tags.ts';

/** Awaited between paths, so that a large document does not hold the event loop. */
export type Pause = (() => Promise<void>) | undefined;

const PATHS_A_SLICE = 20;
/** And after so many schemas: one path can lead to thousands. */
const SCHEMAS_A_SLICE = 2000;

/** Reads a whole document, reporting everything that is wrong with it on the way. */
export async function readDocument(file: SourceFile, context: CheckContext, pause: Pause): Promise<Model> {
  const root: Node = { file, pointer: '', value: file.value };
  const { title, version, declared } = readInfo(root, context);
  readSelf(root, context);
  readTags(root, context);
  const schemes = readSchemes(root, context);
  const security = readSecurity(root, schemes, context);
  const servers = readServers(root, context) ?? [{ url: '/', variables: new Map() }];
  const reader = new PathReader(context, schemes, security, servers, readDeprecation(root, context));
  const seen: Seen = new Set();
  let checked = 0;
  const drain = async (): Promise<void> => {
    for (let schema = context.schemas.pop(); schema !== undefined; schema = context.schemas.pop()) {
      checkSchema(schema, context, seen);
      checked += 1;
      if (pause !== undefined && checked % SCHEMAS_A_SLICE === 0) await pause();
    }
  };
  let read = 0;
  const each = async (nodes: readonly Node[], item: (at: Node) => void): Promise<void> => {
    for (const at of nodes) {
      item(at);
      await drain();
      read += 1;
      if (pause !== undefined && read % PATHS_A_SLICE === 0) await pause();
    }
  };
  const { paths, webhooks } = traffic(root, context);
  await each(context.members(paths, 'paths'), (at) => reader.path(at));
  await each(context.entries(webhooks, 'webhooks'), (at) => reader.webhook(at));
  if (isObject(paths.value) && reader.operations.length === 0 && reader.webhooks.size === 0 && context.problems.errors === 0)
    context.problems.warning('no_operations', paths, 'no path has an operation: every request is undocumented');
  context.problems.unused = true;
  checkDialect(root, context);
  readComponents(context.at(root, 'components'), context, reader);
  await drain();
  context.problems.unused = false;
  return { title, version, declared, operations: reader.operations, webhooks: reader.webhooks };
}

function readInfo(root: Node, context: CheckContext): Pick<Model, 'title' | 'version' | 'declared'> {
  const info = context.at(root, 'info');
  const version = member(info.value, 'version');
  const title = member(info.value, 'title');
  if (!isObject(info.value)) context.problems.error('missing_info', root, 'info is missing: it must hold title and version');
  else {
    if (typeof version !== 'string')
      context.problems.error(
        'missing_version',
        info,
        typeof version === 'number' ? 'info.version is a number: it must be text, in quotes' : 'info.version is missing or not text',
      );
    if (typeof title !== 'string') context.problems.warning('missing_title', info, 'info.title is missing');
  }
  return {
    title: typeof title === 'string' ? title : '',
    version: typeof version === 'string' ? version : '',
    declared: readOwnership(info, context),
  };
}

/** The name that a document gives itself (3.2.0 §4.1.1). What it means for references is for `Documents`. */
function readSelf(root: Node, context: CheckContext): void {
  const self = context.at(root, '$self');
  if (self.value === undefined) return;
  if (context.version !== '3.2')
    context.problems.warning(
      'not_in_this_version',
      self,
      `$self belongs to OpenAPI 3.2; this document says ${context.version}, and so it is not read`,
    );
  else if (typeof self.value !== 'string' || self.value.includes('#'))
    context.problems.error('bad_self', self, '$self must be a URI reference without a fragment');
}

/** What requests are held against. A document of 3.0 must have paths; since 3.1 one may have webhooks alone, or components for others to refer to. */
function traffic(root: Node, context: CheckContext): { readonly paths: Node; readonly webhooks: Node } {
  const paths = context.at(root, 'paths');
  const webhooks = context.at(root, 'webhooks');
  const none: Node = { ...webhooks, value: undefined };
  if (context.dialect === '3.0') {
    if (webhooks.value !== undefined)
      context.problems.warning(
        'not_in_this_version',
        webhooks,
        'webhooks belong to OpenAPI 3.1; this document says 3.0, and so they are not read',
      );
    if (paths.value === undefined)
      context.problems.error('missing_paths', root, 'paths is missing: there is nothing to hold traffic against');
    return { paths, webhooks: none };
  }
  if (paths.value === undefined && webhooks.value === undefined) {
    // 3.1.1 §4.8.1.1: "At least one of the components, paths, or webhooks fields MUST be present".
    if (isObject(member(root.value, 'components')))
      context.problems.warning('no_operations', root, 'there are components alone: as a contract it documents no request');
    else context.problems.error('missing_paths', root, 'paths and webhooks are missing: there is nothing to hold traffic against');
  }
  return { paths, webhooks };
}

/** What no operation refers to is checked too, but cannot make a verdict wrong. */
function readComponents(components: Node, context: CheckContext, paths: PathReader): void {
  for (const section of context.members(components, 'components')) {
    const name = nameOf(section);
    for (const at of context.entries(section, `components.${name}`)) {
      if (name === 'schemas') context.schemas.push(at);
      else if (name === 'parameters') readParameter(at, context);
      else if (name === 'requestBodies') readBody(at, context);
      else if (name === 'pathItems') paths.unused(at);
      else if (name === 'responses' || name === 'headers' || name === 'mediaTypes') {
        const target = context.follow(at);
        if (target === undefined) continue;
        if (name === 'responses') readContent(target, context);
        else schemaOf(target, context);
      }
    }
  }
}
