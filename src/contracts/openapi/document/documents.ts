import type { Position } from '../../../core/document-reading.ts';
import type { LoadOptions } from '../../../core/contract-loading.ts';
import type { Dialect } from '../schema/keywords.ts';
import { child, isObject, lookUp, step, tokens } from './pointer.ts';
import { type Resource, SchemaResources } from './schema-resources.ts';
import { type FileContent, contentOf, placesIn } from './file-reading.ts';
import { SourceFile } from './source-file.ts';

/** A place in a document. */
export interface Place {
  readonly file: SourceFile;
  readonly pointer: string;
}

export interface Node extends Place {
  readonly value: unknown;
}

export type Resolved =
  | { readonly ok: true; readonly node: Node }
  /** The file must be loaded first. */
  | { readonly ok: false; readonly load: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Why a file is not here. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Where its parser stopped. */
  readonly at?: { readonly file: string; readonly position: Position };
}

const MAX_FILES = 1000;
/** Chains of references that only lead to references. */
const MAX_HOPS = 100;

/** Smaller files are read at once: it takes some milliseconds. */
const LARGE_BYTES = 128 * 1024;

/** Every file of one contract, and what references between them mean. */
export class Documents {
  readonly files = new Map<string, SourceFile>();
  /** Asked for and not to be had: no second try. */
  readonly failed = new Map<string, Failure>();
  readonly #options: LoadOptions;
  /** What `$id`, `$anchor` and `$self` mean in them. */
  resources: SchemaResources;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.resources = new SchemaResources(this.files, 'ids');
  }

  /** In OpenAPI 3.0 a reference is a JSON Reference: it has to do with files and pointers, not with `$id` and `$anchor`. */
  readAs(dialect: Dialect): void {
    if (dialect === '3.0') this.resources = new SchemaResources(this.files, 'pointers');
  }

  /** Reads and parses a file once; why it cannot be had then stands in `failed`. */
  async load(uri: string): Promise<SourceFile | undefined> {
    const known = this.files.get(uri);
    if (known !== undefined || this.failed.has(uri)) return known;
    const fail = (code: string, message: string): undefined => {
      this.failed.set(uri, { code, message });
      return undefined;
    };
    if (this.files.size >= MAX_FILES) return fail('too_many_files', `more than ${MAX_FILES} files: ${uri} is not read`);
    let bytes: Uint8Array;
    try {
      bytes = await this.#options.read(uri);
    } catch (error) {
      return fail('file_unreadable', error instanceof Error ? error.message : `cannot read ${uri}`);
    }
    let content: FileContent;
    try {
      content = await this.#read(uri, bytes);
    } catch (error) {
      return fail('not_parsed', `${uri} cannot be read: ${error instanceof Error ? error.message : 'unknown reason'}`);
    }
    if (content.is === 'not_utf8') return fail('not_utf8', `${uri} is not UTF-8 text`);
    if (content.is === 'not_parsed') {
      this.failed.set(uri, { code: 'not_parsed', message: content.message, at: { file: uri, position: content.position } });
      return undefined;
    }
    const file = new SourceFile(uri, bytes, content);
    this.files.set(uri, file);
    return file;
  }

  /** Where pointers stand in a file. */
  async places(file: SourceFile, pointers: readonly string[]): Promise<readonly Position[]> {
    const { syntax, bytes } = file;
    const { reader } = this.#options;
    if (reader === undefined || bytes.length <= LARGE_BYTES) return placesIn(bytes, { syntax, pointers });
    try {
      return await reader.place(bytes, { syntax, pointers });
    } catch {
      // A problem without its place is better than none.
      return [];
    }
  }

  async #read(uri: string, bytes: Uint8Array): Promise<FileContent> {
    const { reader } = this.#options;
    return reader === undefined || bytes.length <= LARGE_BYTES ? contentOf(uri, bytes) : ((await reader.read(uri, bytes)) as FileContent);
  }

  /** Lets go of the texts: nothing can be placed in a file any more. */
  release(): void {
    for (const file of this.files.values()) file.release();
  }

  /** What `ref` means when it is written at `from`. Never reads: a file that is not here yet is named in `load`. */
  resolve(from: Place, ref: string, hops = 0): Resolved {
    const hash = ref.indexOf('#');
    const path = hash < 0 ? ref : ref.slice(0, hash);
    const fragment = decodeFragment(hash < 0 ? '' : ref.slice(hash + 1));
    const base = this.resources.of(from.file, from.pointer);
    let start: Resource;
    if (path === '') start = base;
    else {
      const named = this.resources.named(path, base);
      if (named === 'several') return unresolved(`several schemas have the $id ${shown(path)}`);
      if (named !== undefined) start = named;
      else {
        const uri = this.#uri(from, path);
        if (typeof uri !== 'string') return uri;
        const file = this.files.get(uri);
        if (file === undefined) return { ok: false, load: uri };
        start = this.resources.of(file, '');
      }
    }
    const { file, pointer } = start;
    if (fragment === '') return { ok: true, node: { file, pointer, value: lookUp(file.value, pointer) } };
    if (!fragment.startsWith('/')) return anchored(start, fragment);
    const found = this.#walk(start, fragment, hops);
    return !found.ok && !('load' in found) && start.pointer !== '' ? this.#walk({ file: start.file, pointer: '' }, fragment, hops) : found;
  }

  #uri(from: Place, path: string): string | Extract<Resolved, { code: string }> {
    try {
      return this.#options.resolve(from.file.uri, path);
    } catch (error) {
      const code = /^(https?|ftp):/i.test(path) ? 'remote_reference' : 'bad_reference';
      return { ok: false, code, message: error instanceof Error ? error.message : `not a reference: ${shown(path)}` };
    }
  }

  /** Down a pointer; where a step meets a Reference Object instead of what it looks for, through that reference. */
  #walk(start: Place, fragment: string, hops: number): Resolved {
    const missing = unresolved(`nothing at #${shown(start.pointer + fragment)} in ${start.file.uri}`);
    let at: Node = { file: start.file, pointer: start.pointer, value: lookUp(start.file.value, start.pointer) };
    for (const token of tokens(fragment) ?? []) {
      let next = step(at.value, token);
      for (let n = hops; next === undefined && isObject(at.value) && typeof at.value.$ref === 'string'; n++) {
        if (n >= MAX_HOPS) return missing;
        const target = this.resolve(at, at.value.$ref, n + 1);
        if (!target.ok) return target;
        at = target.node;
        next = step(at.value, token);
      }
      if (next === undefined) return missing;
      at = { file: at.file, pointer: child(at.pointer, token), value: next };
    }
    return { ok: true, node: at };
  }
}

/** An anchor is a name in its own resource only (JSON Schema core §8.2.2). */
function anchored({ file, anchors }: Resource, name: string): Resolved {
  const anchor = anchors.get(name);
  if (anchor === undefined) return unresolved(`no anchor ${shown(name)} in ${file.uri}`);
  if (anchor.ambiguous) return unresolved(`several places of ${file.uri} have the anchor ${shown(name)}`);
  return { ok: true, node: { file, pointer: anchor.pointer, value: lookUp(file.value, anchor.pointer) } };
}

function unresolved(message: string): Resolved {
  return { ok: false, code: 'unresolved_reference', message };
}

/** A URI fragment is percent-encoded (RFC 6901 §6). */
function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function shown(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
