// Finds what runs are held to: the baseline file of a suite, and in it the baseline of a profile. Called by baseline.ts
// and run.ts.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { BaselineFile, Yardstick } from '../model/baseline.ts';
import { UsageError } from '../model/errors.ts';
import { findBaseline } from '../regression/baseline.ts';
import { type AnyBaseline, baselinePathOf, readAnyBaseline } from '../store/baseline-file.ts';
import { locateSuite, suiteAtPath } from '../suite/locate.ts';
import { nearestName } from '../text/nearest-name.ts';

/** Beside the suite's file; of a shipped suite, which is given by its name, in the working directory. */
export function baselinePath(suite: string, file: string | undefined): string {
  if (file !== undefined) return resolve(file);
  const atPath = suiteAtPath(suite);
  if (atPath !== undefined) return baselinePathOf(atPath);
  // Throws for what is no shipped suite either.
  locateSuite(suite);
  return join(process.cwd(), `${suite}.baseline.json`);
}

/**
 * Where to read what runs are held to: `baselinePath`, or, as long as that file of a shipped suite is not there, the
 * `baselines.json` that comes with the suite.
 */
export function pathOfYardsticks(suite: string, file: string | undefined): string {
  const own = baselinePath(suite, file);
  if (file !== undefined || suiteAtPath(suite) !== undefined || existsSync(own)) return own;
  const shipped = join(dirname(locateSuite(suite)), 'baselines.json');
  return existsSync(shipped) ? shipped : own;
}

/** `names` are `NAME=PART`: what a name in a file of another tool stands for. Throws a `UsageError` for a missing file. */
export async function readBaselines(path: string, names: readonly string[] = []): Promise<AnyBaseline> {
  const read = await readAnyBaseline(path);
  if (read === undefined) {
    throw new UsageError(`there is no baseline file ${path}`, {
      hint: 'make one of runs that went well: plimsoll baseline update SUITE RUNS --reason "..."',
    });
  }
  if (names.length === 0) return read;
  if (read.kind === 'own') {
    throw new UsageError(`--map is for files of other tools, and ${path} is one of Plimsoll's`);
  }
  const known = read.stated.entries.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const named = names.map((text) => readMapping(text, known));
  return { kind: 'stated', stated: { ...read.stated, named } };
}

/** `CRM Create=contact_create`. */
function readMapping(text: string, known: readonly string[]): { name: string; part: string } {
  const at = text.indexOf('=');
  const [name, part] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  if (at < 1 || name === '' || part === '') {
    throw new UsageError(`--map ${text}: expected NAME=TASK`, {
      hint: 'the name as the file has it, and a task or an endpoint of the suite, such as "GET /api/price"',
    });
  }
  if (known.includes(name)) return { name, part };
  const near = nearestName(name, known);
  throw new UsageError(
    `--map ${text}: the file has no ${name}${near === undefined ? '' : `, did you mean ${near}?`}`,
    { hint: known.length === 0 ? 'its figures are those of the whole run' : `it has ${known.join(', ')}` },
  );
}

export interface HeldRun {
  readonly suite: string;
  readonly profile: string;
  /** Name of the environment. */
  readonly environment: string;
}

/** What a run is held to. Throws a `UsageError` where the file has nothing for it. */
export function yardstickFor(
  path: string,
  read: AnyBaseline,
  { suite, profile, environment }: HeldRun,
): Yardstick {
  if (read.kind === 'stated') return { kind: 'stated', file: path, stated: read.stated };
  const { file } = read;
  if (file.suite !== suite) {
    throw new UsageError(`${path} is of the suite ${file.suite}, and the runs are of ${suite}`, {
      hint: 'name the other suite, or another baseline file',
    });
  }
  const own = findBaseline(file, profile, environment);
  // The only one of the profile, if it is of another environment: what differs is then told.
  const ofProfile = file.baselines.filter(({ conditions }) => conditions.profile === profile);
  const baseline = own ?? (ofProfile.length === 1 ? ofProfile[0] : undefined);
  if (baseline !== undefined) return { kind: 'accepted', file: path, baseline };
  throw new UsageError(`${path} has no baseline of ${profile} in ${environment}${thereText(file)}`, {
    hint: 'accept runs of it with plimsoll baseline update',
  });
}

export function thereText({ baselines }: BaselineFile): string {
  const there = baselines.map(({ conditions }) => `${conditions.profile} in ${conditions.environment.name}`);
  return there.length === 0 ? '' : `, only of ${there.join(', ')}`;
}
