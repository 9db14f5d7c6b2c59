import { APPLICATORS, type Holds, TYPES } from '../schema/keywords.ts';
import { META_SCHEMAS, metaSchema } from './meta-schemas.ts';
import { child, isObject, type JsonObject, lookUp, member } from './pointer.ts';
import type { SourceFile } from './source-file.ts';

/** A schema resource (JSON Schema core §4.3.5): a file, or a schema in it with an `$id` of its own, down to the next `$id`. */
export interface Resource {
  readonly file: SourceFile;
  readonly pointer: string;
  /** Absolute, without fragment. */
  readonly uri: string;
  readonly anchors: Map<string, Anchor>;
}

export interface Anchor {
  readonly pointer: string;
  /** Defined by `$dynamicAnchor`. */
  readonly dynamic: boolean;
  /** Another place of this resource has the same name: what it means is undefined (core §8.2.2). */
  readonly ambiguous: boolean;
}

/** Resources of one file by the pointers of their roots. */
type Index = ReadonlyMap<string, Resource>;

/**
 * The schema resources of a contract's files, for references to them: `$id`, `$anchor`, `$dynamicAnchor` (core §8.2). They are looked for
 * in schemas only; what stands in an example, an enum or an unknown keyword is data.
 */
export class SchemaResources {
  readonly #files: ReadonlyMap<string, SourceFile>;
  /** In OpenAPI 3.0 none of these is a keyword (3.0.4 §4.7.24): a file is one resource. */
  readonly #plain: boolean;
  readonly #indexes = new Map<SourceFile, Index>();
  #byUri: Map<string, Resource | 'several'> | undefined;
  #dynamic: ReadonlyMap<string, number> = new Map();
  /** Some dynamic anchor stands in several resources. */
  #ambiguous = false;
  /** Something refers to the meta-schema. */
  #meta = false;
  /** How many files `#byUri` and `#dynamic` know. */
  #known = 0;

  constructor(files: ReadonlyMap<string, SourceFile>, reads: 'ids' | 'pointers') {
    this.#files = files;
    this.#plain = reads === 'pointers';
  }

  /** The resource that a place belongs to. */
  of(file: SourceFile, pointer: string): Resource {
    const index = this.#index(file);
    let at = pointer;
    while (at !== '' && index.size > 1) {
      const found = index.get(at);
      if (found !== undefined) return found;
      at = at.slice(0, at.lastIndexOf('/'));
    }
    return index.get('') as Resource;
  }

  /** What `ref` (without fragment) names when it is written in `base`; `several`: two different schemas claim that name. */
  named(ref: string, base: Resource): Resource | 'several' | undefined {
    if (this.#plain) return undefined;
    const url = URL.parse(ref, base.uri);
    if (url === null) return undefined;
    const uri = withoutFragment(url.href);
    const found = this.#uris().get(uri);
    if (found !== undefined) return found;
    const file = this.#files.get(uri) ?? metaSchema(uri);
    if (file === undefined) return undefined;
    this.#meta ||= !this.#files.has(uri);
    return this.of(file, '');
  }

  /** Whether what a `$dynamicRef` means may depend on the way that leads to it. */
  get isDynamic(): boolean {
    this.#uris();
    return this.#meta || this.#ambiguous;
  }

  /** In how many resources a dynamic anchor has this name. */
  dynamicAnchors(name: string): number {
    this.#uris();
    return (this.#dynamic.get(name) ?? 0) + (name === 'meta' ? META_SCHEMAS : 0);
  }

  #index(file: SourceFile): Index {
    let index = this.#indexes.get(file);
    if (index === undefined) {
      const keeps = !this.#plain && (file.mentions('$id') || file.mentions('nchor'));
      const root: Resource = { file, pointer: '', uri: this.#plain ? '' : baseUri(file), anchors: new Map() };
      index = keeps ? indexOf(root) : new Map([['', root]]);
      this.#indexes.set(file, index);
    }
    return index;
  }

  #uris(): ReadonlyMap<string, Resource | 'several'> {
    if (this.#byUri !== undefined && this.#known === this.#files.size) return this.#byUri;
    const byUri = new Map<string, Resource | 'several'>();
    const dynamic = new Map<string, number>();
    for (const file of this.#files.values()) {
      for (const resource of this.#index(file).values()) {
        for (const [name, anchor] of resource.anchors) if (anchor.dynamic) dynamic.set(name, (dynamic.get(name) ?? 0) + 1);
        // A path is no name: files are found by whoever reads them.
        if (resource.uri === pathUri(file.uri)) continue;
        const other = byUri.get(resource.uri);
        if (other === undefined || (other !== 'several' && isCopy(other, resource))) byUri.set(resource.uri, other ?? resource);
        else byUri.set(resource.uri, 'several');
      }
    }
    this.#byUri = byUri;
    this.#dynamic = dynamic;
    this.#ambiguous = [...dynamic.keys()].some((name) => name === 'meta' || (dynamic.get(name) ?? 0) > 1);
    this.#known = this.#files.size;
    return byUri;
  }
}

/** Tools write one schema into a document several times, with its `$id`. */
function isCopy(a: Resource, b: Resource): boolean {
  return JSON.stringify(lookUp(a.file.value, a.pointer)) === JSON.stringify(lookUp(b.file.value, b.pointer));
}

/** What references and `$id`s in a file are relative to: `$self` (OpenAPI 3.2.0 §4.1.1), else where it was found. */
function baseUri({ uri, value }: SourceFile): string {
  const found = URL.canParse(uri) ? uri : pathUri(uri);
  const version = member(value, 'openapi');
  const self = typeof version === 'string' && version.startsWith('3.2') ? member(value, '$self') : undefined;
  const own = typeof self === 'string' ? URL.parse(self, found) : null;
  return own === null ? found : withoutFragment(own.href);
}

function pathUri(path: string): string {
  return URL.canParse(path) ? '' : `file:///${encodeURI(path.replace(/^\/+/, '')).replaceAll('#', '%23').replaceAll('?', '%3F')}`;
}

function withoutFragment(uri: string): string {
  const hash = uri.indexOf('#');
  return hash < 0 ? uri : uri.slice(0, hash);
}

/** How an object is read: not a schema but something that may hold some, a schema, or an object of schemas by name. */
type Kind = 'container' | 'schema' | 'map' | 'list';

/** Keys of objects that are no schemas, below which there is data. */
const DATA: ReadonlySet<string> = new Set(['example', 'examples', 'default', 'enum', 'const', 'value']);
const HELD: ReadonlyMap<string, Holds> = new Map([...APPLICATORS, ['$defs', 'map'], ['definitions', 'map']]);
const NAMES_SCHEMA: readonly string[] = ['$id', '$anchor', '$dynamicAnchor', '$schema'];

function indexOf(root: Resource): Map<string, Resource> {
  const index = new Map<string, Resource>();
  const seen = new Set<unknown>();
  const stack: Array<readonly [value: unknown, pointer: string, kind: Kind, resource: Resource]> = [
    [root.file.value, '', 'container', root],
  ];
  index.set('', root);
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [value, pointer, given, outer] = top;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) {
      const kind = given === 'list' ? 'schema' : given;
      for (const [i, item] of value.entries()) stack.push([item, child(pointer, i), kind, outer]);
      continue;
    }
    if (!isObject(value)) continue;
    const kind = given === 'container' && looksLikeSchema(value) ? 'schema' : given;
    let resource = outer;
    if (kind === 'schema') {
      resource = enter(value, pointer, outer);
      if (resource !== outer) index.set(pointer, resource);
    }
    for (const key of Object.keys(value)) {
      const inner = kindOf(kind, key);
      if (inner !== undefined) stack.push([value[key], child(pointer, key), inner, resource]);
    }
  }
  return index;
}

/** What stands under `key`; undefined: nothing that could hold a schema. */
function kindOf(kind: Kind, key: string): Kind | undefined {
  if (kind === 'map') return 'schema';
  if (kind === 'schema') return HELD.get(key);
  if (key === 'schema' || key === 'itemSchema') return 'schema';
  if (key === 'schemas') return 'map';
  return DATA.has(key) ? undefined : 'container';
}

/** A file need not be an OpenAPI document, and extensions may hold schemas too. */
function looksLikeSchema(value: JsonObject): boolean {
  // Editors like a `$schema` at the root of a document.
  if (typeof value.openapi === 'string') return false;
  return (
    NAMES_SCHEMA.some((name) => typeof value[name] === 'string') ||
    (typeof value.type === 'string' && TYPES.has(value.type)) ||
    isObject(value.$defs) ||
    isObject(value.properties) ||
    [value.allOf, value.anyOf, value.oneOf].some(Array.isArray)
  );
}

function enter(schema: JsonObject, pointer: string, outer: Resource): Resource {
  const { $id } = schema;
  const own = typeof $id === 'string' && !$id.startsWith('#') ? URL.parse($id, outer.uri) : null;
  const uri = own === null ? outer.uri : withoutFragment(own.href);
  const resource = uri === outer.uri ? outer : { file: outer.file, pointer, uri, anchors: new Map<string, Anchor>() };
  for (const keyword of ['$anchor', '$dynamicAnchor']) {
    const name = schema[keyword];
    if (typeof name !== 'string') continue;
    const other = resource.anchors.get(name);
    const dynamic = keyword === '$dynamicAnchor' || (other?.pointer === pointer && other.dynamic);
    resource.anchors.set(name, { pointer, dynamic, ambiguous: other !== undefined && other.pointer !== pointer });
  }
  return resource;
}
