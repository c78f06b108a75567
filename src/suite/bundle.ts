// Turns a suite file and everything it imports into one module that any worker can import. Used by suite.ts.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  type BuildFailure,
  build,
  formatMessages,
  type Message,
  type OnResolveArgs,
  type Plugin,
  type PluginBuild,
  stop,
} from 'esbuild';
import { UsageError } from '../model/errors.ts';
import { isBuilt, moduleUrl } from '../model/package-files.ts';
import { ownLocation, ownLocationDefines } from './own-location.ts';

const mostAttempts = 4;
const packagePath = /^(.*[\\/]node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** The folder of the npm package that a file belongs to; `undefined` for the user's own files. */
function packageFolderOf(file: string): string | undefined {
  const match = packagePath.exec(file);
  return match === null ? undefined : match[1]! + match[2]!;
}

/** Packages with native parts look for them beside their own files, which a bundle would take away. */
function isNative(folder: string): boolean {
  if (existsSync(path.join(folder, 'binding.gyp')) || existsSync(path.join(folder, 'prebuilds'))) return true;
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return false;
  const { gypfile, name } = JSON.parse(readFileSync(file, 'utf8')) as { gypfile?: boolean; name?: string };
  return gypfile === true || name === 'esbuild' || name === 'playwright-core';
}

/** An external file: `require` takes a path, `import` a URL. */
function external(file: string, kind: OnResolveArgs['kind']): { path: string; external: true } {
  return { path: kind.startsWith('require') ? file : pathToFileURL(file).href, external: true };
}

/**
 * `import ... from 'plimsoll'` means this very package, wherever the suite lies. Built, it stays outside the
 * bundle as a file URL; run from source it is bundled as well, since Node 20 cannot import TypeScript.
 */
function resolveOwnPackage(setup: PluginBuild): void {
  const indexFile = fileURLToPath(moduleUrl('src/index'));
  setup.onResolve({ filter: /^plimsoll$/ }, ({ kind }) =>
    isBuilt ? external(indexFile, kind) : { path: indexFile },
  );
}

/** Leaves addons, packages with native parts and those in `unbundled` outside, by absolute path. */
function resolveExternals(setup: PluginBuild, unbundled: ReadonlySet<string>): void {
  const seen = Symbol('seen');
  setup.onResolve({ filter: /.*/ }, async ({ path: name, kind, importer, resolveDir, pluginData }) => {
    if (kind === 'entry-point' || pluginData === seen) return undefined;
    const isAddon = name.endsWith('.node');
    const isBare = !/^[./]|^[a-z]+:/i.test(name);
    if (!isAddon && !isBare) return undefined;
    const { path: file, errors } = await setup.resolve(name, {
      kind,
      importer,
      resolveDir,
      pluginData: seen,
    });
    if (errors.length > 0 || !path.isAbsolute(file)) return undefined;
    const folder = packageFolderOf(file);
    const outside = isAddon || (folder !== undefined && (unbundled.has(folder) || isNative(folder)));
    return outside ? external(file, kind) : undefined;
  });
}

function resolution(unbundled: ReadonlySet<string>): Plugin {
  return {
    name: 'resolution',
    setup(setup) {
      resolveOwnPackage(setup);
      resolveExternals(setup, unbundled);
    },
  };
}

/** CommonJS modules inside the bundle call `require`, which ES modules lack; it looks around the suite file. */
function requireBanner(file: string): string {
  return (
    `import { createRequire as __plimsollCreateRequire } from 'node:module';` +
    `const require = __plimsollCreateRequire(${JSON.stringify(pathToFileURL(file).href)});`
  );
}

async function buildOnce(file: string, outFile: string, unbundled: ReadonlySet<string>): Promise<void> {
  await build({
    entryPoints: [file],
    outfile: outFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    sourcesContent: false,
    // Workers import a copy of the module from a folder of their own.
    sourceRoot: `${pathToFileURL(path.dirname(outFile)).href}/`,
    logLevel: 'silent',
    charset: 'utf8',
    define: ownLocationDefines,
    banner: { js: requireBanner(file) },
    plugins: [resolution(unbundled), ownLocation],
  });
}

/** The packages in whose files esbuild found errors. */
function packagesOf(errors: readonly Message[]): string[] {
  return errors.flatMap(({ location }) => {
    const folder = location === null ? undefined : packageFolderOf(path.resolve(location.file));
    return folder === undefined ? [] : [folder];
  });
}

let bundling = 0;

/**
 * Bundles `file` into `outFile`. An npm package that cannot be bundled stays outside. Throws a `UsageError`
 * that shows file, line and text of every error in the user's own files.
 */
export async function bundleSuite(file: string, outFile: string): Promise<void> {
  bundling++;
  try {
    await bundle(file, outFile);
  } finally {
    bundling--;
    // The bundler is a process of its own, of 12 MB, that would be there as long as the run.
    if (bundling === 0) await stop();
  }
}

async function bundle(file: string, outFile: string): Promise<void> {
  const unbundled = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    try {
      return await buildOnce(file, outFile, unbundled);
    } catch (thrown) {
      const { errors } = thrown as Partial<BuildFailure>;
      if (errors === undefined) throw thrown;
      const sizeBefore = unbundled.size;
      for (const folder of packagesOf(errors)) unbundled.add(folder);
      if (unbundled.size > sizeBefore && attempt < mostAttempts) continue;
      const shown = await formatMessages(errors, { kind: 'error', color: false, terminalWidth: 100 });
      throw new UsageError(`${file} cannot be built:\n\n${shown.join('\n').trim()}`, { cause: thrown });
    }
  }
}
