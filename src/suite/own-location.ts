// Keeps `import.meta.url`, `__dirname` and the like true in a bundle: each file goes on knowing where it lies.
// An esbuild plugin, used by bundle.ts.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, Plugin } from 'esbuild';

const names = {
  'import.meta.url': '__plimsoll_url',
  'import.meta.dirname': '__plimsoll_dirname',
  'import.meta.filename': '__plimsoll_filename',
  __dirname: '__plimsoll_dirname',
  __filename: '__plimsoll_filename',
} as const;

/** For esbuild's `define`: the expressions above become constants, which each file declares for itself. */
export const ownLocationDefines: Record<string, string> = { ...names };

const used = /import\.meta|__dirname|__filename/;
const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
  '.js': 'jsx',
  '.mjs': 'js',
  '.cjs': 'js',
};

/** The constants go before the first statement, on its line, so that line numbers in stack traces stay true. */
function declareOwnLocation(source: string, file: string): string {
  const constants = [
    `const __plimsoll_url = ${JSON.stringify(pathToFileURL(file).href)}`,
    `__plimsoll_dirname = ${JSON.stringify(path.dirname(file))}`,
    `__plimsoll_filename = ${JSON.stringify(file)};`,
  ].join(', ');
  const hashbang = /^#!.*\r?\n/.exec(source)?.[0] ?? '';
  return `${hashbang}${constants} ${source.slice(hashbang.length)}`;
}

export const ownLocation: Plugin = {
  name: 'own-location',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path: file, namespace }) => {
      const loader = loaders[path.extname(file)];
      if (namespace !== 'file' || loader === undefined) return undefined;
      const source = await readFile(file, 'utf8');
      return used.test(source) ? { contents: declareOwnLocation(source, file), loader } : undefined;
    });
  },
};
