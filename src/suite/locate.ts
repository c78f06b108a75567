// Finds the file of a suite by path or by the name of a shipped one. Used by suite.ts and by `plimsoll list`.

import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../model/errors.ts';
import { packageRoot } from '../model/package-files.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames } from './mistake.ts';

const fileNames = ['suite', 'plimsoll.config'].flatMap((stem) =>
  ['ts', 'mts', 'js', 'mjs', 'yaml', 'yml'].map((ending) => `${stem}.${ending}`),
);

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

/** The absolute path of the suite file that a path leads to: an existing file, or that of a folder which holds one. */
export function suiteAtPath(nameOrPath: string): string | undefined {
  const given = path.resolve(nameOrPath);
  if (!existsSync(given)) return undefined;
  return statSync(given).isDirectory() ? suiteFileIn(given) : given;
}

/**
 * The absolute path of the file meant by `nameOrPath`: an existing file, a folder that holds a suite file, or
 * a shipped suite. Throws a `UsageError` that suggests the nearest shipped name.
 */
export function locateSuite(nameOrPath: string): string {
  const atPath = suiteAtPath(nameOrPath);
  if (atPath !== undefined) return atPath;
  const shipped = shippedSuites();
  const byName = shipped.find((suite) => suite.name === nameOrPath);
  if (byName !== undefined) return byName.file;
  const names = shipped.map((suite) => suite.name);
  const nearest = nearestName(nameOrPath, names);
  throw new UsageError(
    existsSync(path.resolve(nameOrPath))
      ? `no suite file in ${nameOrPath}: expected one of ${listNames(fileNames)}`
      : `no suite called ${nameOrPath}, and no such file${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    { hint: `shipped suites: ${listNames(names)}; or give the path of a suite file` },
  );
}
