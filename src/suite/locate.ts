// Finds the file of a suite by path or by the name of a shipped one. Used by suite.ts and by `plimsoll list`.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames } from './mistake.ts';

const fileNames = ['suite', 'plimsoll.config'].flatMap((stem) =>
  ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml'].map((ending) => `${stem}.${ending}`),
);

/**
 * The folder of this package: the nearest one upwards whose package.json is named plimsoll. The code runs both
 * from src/ and from dist/src/, so no fixed number of steps leads there.
 */
export function packageRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = path.join(folder, 'package.json');
    if (
      existsSync(file) &&
      (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'plimsoll'
    ) {
      return folder;
    }
    const parent = path.dirname(folder);
    if (parent === folder) throw new UsageError('the package.json of plimsoll is missing; install it again');
    folder = parent;
  }
}

function suiteFileIn(folder: string): string | undefined {
  return fileNames.map((name) => path.join(folder, name)).find((file) => existsSync(file));
}

/** The suites that ship with Plimsoll, by name in ascending order: the folders of suites/ with a suite file. */
export function shippedSuites(): { readonly name: string; readonly file: string }[] {
  const root = path.join(packageRoot(), 'suites');
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .flatMap((name) => {
      const file = suiteFileIn(path.join(root, name));
      return file === undefined ? [] : [{ name, file }];
    });
}

/**
 * The absolute path of the file meant by `nameOrPath`: an existing file, a folder that holds a suite file, or
 * a shipped suite. Throws a `UsageError` that suggests the nearest shipped name.
 */
export function locateSuite(nameOrPath: string): string {
  const given = path.resolve(nameOrPath);
  const shipped = shippedSuites();
  if (existsSync(given)) {
    if (!statSync(given).isDirectory()) return given;
    const inside = suiteFileIn(given);
    if (inside !== undefined) return inside;
  }
  const byName = shipped.find((suite) => suite.name === nameOrPath);
  if (byName !== undefined) return byName.file;
  const names = shipped.map((suite) => suite.name);
  const nearest = nearestName(nameOrPath, names);
  const isFolder = existsSync(given);
  throw new UsageError(
    isFolder
      ? `no suite file in ${nameOrPath}: expected one of ${listNames(fileNames)}`
      : `no suite called ${nameOrPath}, and no such file${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    { hint: `shipped suites: ${listNames(names)}; or give the path of a suite file` },
  );
}
