// The reference targets that came with this installation. Used by `plimsoll target`, and by the process that a run starts one in.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../model/errors.ts';
import { codeFolder, moduleUrl } from '../model/package-files.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { StartTarget } from './target.ts';

/** Names of the targets that came with this installation, ascending. */
export function listTargets(): string[] {
  const root = join(codeFolder(), 'targets');
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(targetModule(entry.name)))
    .map((entry) => entry.name)
    .sort();
}

function targetModule(name: string): URL {
  return moduleUrl(`targets/${name}/target`);
}

/** Throws a `UsageError` for a name that no target has. */
export async function loadTarget(name: string): Promise<StartTarget> {
  const names = listTargets();
  if (!names.includes(name)) {
    const nearest = nearestName(name, names);
    const question = nearest === undefined ? '' : `; did you mean ${nearest}?`;
    throw new UsageError(`there is no target named ${JSON.stringify(name)}${question}`, {
      hint: `targets: ${names.join(', ') || 'none installed'}`,
    });
  }
  // Computed, because src/ must not depend on targets/: they come and go without this file.
  const module = (await import(targetModule(name).href)) as { readonly startTarget: StartTarget };
  return module.startTarget;
}
