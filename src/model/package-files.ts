// Where this package's own files lie, whichever way its code runs: from source, or built into dist/.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from './errors.ts';

/** True when the code has been built; false when TypeScript runs as it is. */
export const isBuilt = !import.meta.url.endsWith('.ts');

let root: string | undefined;

/**
 * The folder of this package: the nearest one upwards whose package.json is named plimsoll. Built code lies at another
 * depth than its source, so no fixed number of steps leads there. Throws a `UsageError` when there is none.
 */
export function packageRoot(): string {
  root ??= findPackageRoot(dirname(fileURLToPath(import.meta.url)));
  return root;
}

function findPackageRoot(folder: string): string {
  const file = join(folder, 'package.json');
  if (existsSync(file) && manifest(file).name === 'plimsoll') return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new UsageError('the package.json of plimsoll is missing; install it again');
  return findPackageRoot(parent);
}

function manifest(file: string): { readonly name?: string; readonly version?: string } {
  return JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
}

/** Reads the package's version from its package.json. */
export function readPackageVersion(): string {
  return manifest(join(packageRoot(), 'package.json')).version!;
}

/** The folder with the code that runs: the package's own, or dist/ in it. */
export function codeFolder(): string {
  return isBuilt ? join(packageRoot(), 'dist') : packageRoot();
}

/** A module of this package that is loaded by its address: `src/worker` is src/worker.ts, or dist/src/worker.js. */
export function moduleUrl(name: string): URL {
  return pathToFileURL(join(codeFolder(), `${name}.${isBuilt ? 'js' : 'ts'}`));
}
