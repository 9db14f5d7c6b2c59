import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type Plugin, build } from 'rolldown';
import { withoutBuiltinImports } from './builtin-imports.ts';
import { serverChunk } from './server-chunk.ts';

export interface BundleOptions {
  /** The checkout. */
  readonly root: string;
  /** Folder for the result; emptied first. */
  readonly out: string;
  /** Commit that this is built from; empty where it is not known. */
  readonly revision: string;
}

export interface Bundled {
  /** Folders of the packages of which anything is in the result. */
  readonly packages: readonly string[];
  /** Files that the code opens at run time, from the checkout's root. */
  readonly assets: readonly string[];
}

/** What Node is started with, and what the program starts as threads: file of the bundle without `.js`, and its source. */
const ENTRIES: Readonly<Record<string, string>> = {
  plumbline: 'src/cli/bundle.ts',
  'check-worker': 'src/app/check-worker.ts',
  'document-worker': 'src/app/document-worker.ts',
};

/**
 * One program of a few files: `plumbline.js` starts it, what a command alone needs (the demo, the check, the export of traces) stays in a
 * file of its own that is loaded when it is asked for. Names are kept and nothing is rewritten, only white space goes: a stack trace stays
 * readable, what runs is what was tested, and the text, which V8 keeps in memory, is a third smaller. ASCII alone: one character beyond it
 * doubles what a file takes in memory.
 */
export async function bundle({ root, out, revision }: BundleOptions): Promise<Bundled> {
  const assets = new Set<string>();
  const result = await build({
    cwd: root,
    input: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, join(root, file)])),
    platform: 'node',
    transform: { define: { 'process.env.PLUMBLINE_REVISION': JSON.stringify(revision) } },
    plugins: [lazyBuiltins, unusedParts, builtins, assetsOf(root, assets)],
    // Nobody imports these files by what they export.
    preserveEntrySignatures: 'allow-extension',
    output: {
      dir: out,
      cleanDir: true,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      codeSplitting: { groups: [serverChunk(root, Object.values(ENTRIES))] },
      minify: { compress: false, mangle: false, codegen: { removeWhitespace: true, asciiOnly: true } },
      comments: false,
      // Beside the code and only read under --enable-source-maps; the sources themselves are not shipped a second time.
      sourcemap: true,
      sourcemapExcludeSources: true,
      sourcemapPathTransform: (source, map) => relative(root, join(dirname(map), source)),
    },
  });
  const modules = result.output.flatMap((file) => (file.type === 'chunk' ? Object.entries(file.modules) : []));
  const packages = modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => packageOf(id));
  return { packages: [...new Set(packages.filter((folder) => folder !== undefined))].sort(), assets: [...assets].sort() };
}

/** The folder of the package that a module belongs to; undefined for our own. */
function packageOf(id: string): string | undefined {
  return /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
}

/**
 * TLS and HTTP/2, which Fastify requires for servers of a kind that this program has none of. Node loads them when a property is read, so
 * never: 3 MB less memory.
 */
const lazyBuiltins: Plugin = {
  name: 'lazy-builtins',
  resolveId: {
    filter: { id: /^node:(?:https|http2)$/ },
    handler: (id, importer) => (importer?.includes('/node_modules/fastify/') ? `\0lazy:${id}` : undefined),
  },
  load: {
    filter: { id: /^\0lazy:/ },
    handler: (id) =>
      `module.exports = new Proxy({}, { get: (_, key) => process.getBuiltinModule(${JSON.stringify(id.slice('\0lazy:'.length))})[key] });`,
  },
};

/** Of the metrics client what this program never uses, and what would load TLS and zlib: metrics of a cluster, and the push gateway. */
const unusedParts: Plugin = {
  name: 'unused-parts',
  load: {
    filter: { id: /\/node_modules\/@prometheus-io\/client\/lib\/(?:cluster|worker|pushgateway)\.js$/ },
    handler: () => 'module.exports = class NotInTheBundle {};',
  },
};

const builtins: Plugin = {
  name: 'builtins',
  renderChunk: (code) => ({ code: withoutBuiltinImports(code, isBuiltin), map: null }),
};

/**
 * A file that the code names by `new URL('…', import.meta.url)` stands below the bundle at the place that it has in the checkout; one that is
 * an entry of its own is the file that was made of it.
 */
function assetsOf(root: string, found: Set<string>): Plugin {
  return {
    name: 'assets',
    transform: {
      filter: { id: /^(?!.*\/node_modules\/).*\.ts$/, code: 'import.meta.url' },
      handler: (code, id) => ({
        code: code.replace(/new URL\('(\.[^']*)', import\.meta\.url\)/g, (_, path: string) => {
          const file = join(dirname(id), path);
          if (!existsSync(file)) throw new Error(`${relative(root, id)} names ${path}, which is not there`);
          const asset = relative(root, file);
          const entry = Object.entries(ENTRIES).find(([, source]) => source === asset)?.[0];
          if (entry !== undefined) return `new URL("./${entry}.js", import.meta.url)`;
          // It would be there, without the code that it imports.
          if (asset.endsWith('.ts')) throw new Error(`${relative(root, id)} starts ${path}, which is no entry of the bundle`);
          found.add(asset);
          return `new URL(${JSON.stringify(`./${asset}`)}, import.meta.url)`;
        }),
        map: null,
      }),
    },
  };
}
