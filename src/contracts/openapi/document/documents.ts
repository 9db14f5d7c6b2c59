import type { LoadOptions } from '../../../core/contract-loading.ts';
import { child, isObject, lookUp, step, tokens } from './pointer.ts';
import { type RareWord, SourceFile } from './source-file.ts';

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
  readonly at?: { readonly file: SourceFile; readonly offset: number };
}

const MAX_FILES = 1000;
/** Chains of references that only lead to references. */
const MAX_HOPS = 100;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Every file of one contract, and what references between them mean. */
export class Documents {
  readonly files = new Map<string, SourceFile>();
  /** Asked for and not to be had: no second try. */
  readonly failed = new Map<string, Failure>();
  readonly #options: LoadOptions;
  /** `$id` → place (JSON Schema core §8.2.1), made when the first reference needs it. */
  #ids: Map<string, Place> | undefined;
  readonly #anchors = new Map<SourceFile, Map<string, string>>();

  constructor(options: LoadOptions) {
    this.#options = options;
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
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      return fail('not_utf8', `${uri} is not UTF-8 text`);
    }
    const file = new SourceFile(uri, bytes, text);
    if (!file.parsed.ok) {
      this.failed.set(uri, { code: 'not_parsed', message: file.parsed.message, at: { file, offset: file.parsed.offset } });
      return undefined;
    }
    this.files.set(uri, file);
    this.#ids = undefined;
    return file;
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
    const base = this.#resource(from);
    let start: Place;
    if (path === '') start = base;
    else {
      const byId = this.#byId(base, path);
      if (byId !== undefined) start = byId;
      else {
        const uri = this.#uri(from, path);
        if (typeof uri !== 'string') return uri;
        const file = this.files.get(uri);
        if (file === undefined) return { ok: false, load: uri };
        start = { file, pointer: '' };
      }
    }
    if (fragment === '') return { ok: true, node: { ...start, value: lookUp(start.file.value, start.pointer) } };
    if (!fragment.startsWith('/')) return this.#anchor(start.file, fragment);
    const found = this.#walk(start, fragment, hops);
    return !found.ok && !('load' in found) && start.pointer !== '' ? this.#walk({ file: start.file, pointer: '' }, fragment, hops) : found;
  }

  #uri(from: Place, path: string): string | Extract<Resolved, { code: string }> {
    if (/^(https?|ftp):/i.test(path))
      return { ok: false, code: 'remote_reference', message: `remote references are not in this version: ${shown(path)}` };
    try {
      return this.#options.resolve(from.file.uri, path);
    } catch (error) {
      return { ok: false, code: 'bad_reference', message: error instanceof Error ? error.message : `not a reference: ${shown(path)}` };
    }
  }

  /** Down a pointer; where a step meets a Reference Object instead of what it looks for, through that reference. */
  #walk(start: Place, fragment: string, hops: number): Resolved {
    const missing: Resolved = {
      ok: false,
      code: 'unresolved_reference',
      message: `nothing at #${shown(start.pointer + fragment)} in ${start.file.uri}`,
    };
    let at: Node = { ...start, value: lookUp(start.file.value, start.pointer) };
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

  #anchor(file: SourceFile, name: string): Resolved {
    let anchors = this.#anchors.get(file);
    if (anchors === undefined) {
      anchors = new Map();
      for (const [value, pointer] of objectsOf(file, 'nchor'))
        for (const key of ['$anchor', '$dynamicAnchor']) if (typeof value[key] === 'string') anchors.set(value[key], pointer);
      this.#anchors.set(file, anchors);
    }
    const pointer = anchors.get(name);
    if (pointer === undefined) return { ok: false, code: 'unresolved_reference', message: `no anchor ${shown(name)} in ${file.uri}` };
    return { ok: true, node: { file, pointer, value: lookUp(file.value, pointer) } };
  }

  /** The schema resource that a place belongs to: its nearest ancestor (or itself) with `$id`, else the whole file. */
  #resource(from: Place): Place {
    if (!from.file.mentions('$id')) return { file: from.file, pointer: '' };
    let value = from.file.value;
    let pointer = '';
    let resource = '';
    for (const token of tokens(from.pointer) ?? []) {
      value = step(value, token);
      pointer = child(pointer, token);
      if (isObject(value) && isId(value.$id)) resource = pointer;
    }
    return { file: from.file, pointer: resource };
  }

  #byId(base: Place, path: string): Place | undefined {
    this.#ids ??= this.#indexIds();
    if (this.#ids.size === 0) return undefined;
    return this.#ids.get(absolute(path, idBase(base.file, base.pointer)));
  }

  #indexIds(): Map<string, Place> {
    const ids = new Map<string, Place>();
    for (const file of this.files.values())
      for (const [value, pointer] of objectsOf(file, '$id')) if (isId(value.$id)) ids.set(idBase(file, pointer), { file, pointer });
    return ids;
  }
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.startsWith('#');
}

/** Absolute only as far as the ids themselves are: files have no URI of their own here. */
function absolute(ref: string, base: string): string {
  const url = URL.parse(ref, base === '' ? 'id:///' : base);
  return url === null ? ref : url.href.replace(/#.*$/, '');
}

/** The base URI that `$id`s along the way to `pointer` make; empty where there is none. */
function idBase(file: SourceFile, pointer: string): string {
  let value = file.value;
  let base = isObject(value) && isId(value.$id) ? absolute(value.$id, '') : '';
  for (const token of tokens(pointer) ?? []) {
    value = step(value, token);
    if (isObject(value) && isId(value.$id)) base = absolute(value.$id, base);
  }
  return base;
}

/** Every object of a file with its pointer, once each (aliases share objects); none where the text lacks `word`. */
function* objectsOf(file: SourceFile, word: RareWord): Generator<[Readonly<Record<string, unknown>>, string]> {
  if (!file.mentions(word)) return;
  const seen = new Set<unknown>();
  const stack: Array<[unknown, string]> = [[file.value, '']];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [value, pointer] = top;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (isObject(value)) yield [value, pointer];
    for (const key of Object.keys(value)) stack.push([(value as Record<string, unknown>)[key], child(pointer, key)]);
  }
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
