// The reference target that a suite is about: started for its run when the environment names no other system.
// Called by run.ts and capacity.ts.

import { TargetError } from '../model/errors.ts';
import { applyEnvironment } from '../suite/environment.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { loadTarget } from './target.ts';

export interface SuiteWithTarget {
  /** The suite with the target's address in its environment. */
  readonly suite: LoadedSuite;
  /** Ends the target; does nothing when none was started. */
  stop(): Promise<void>;
}

/**
 * Starts what `target` of the suite names, unless the environment variable says where the system is. Throws what
 * the target throws when it cannot start, and a `TargetError` when it was interrupted meanwhile.
 */
export async function startSuiteTarget(
  suite: LoadedSuite,
  options: { readonly interrupted: AbortSignal; readonly say: (line: string) => void },
): Promise<SuiteWithTarget> {
  const { target } = suite.definition;
  const none = { suite, stop: async () => {} };
  if (target === undefined || (suite.env[target.unless] ?? '') !== '') return none;
  const { interrupted, say } = options;
  say(`${target.unless} is not set: starting the target ${target.name}`);
  const start = await loadTarget(target.name);
  const running = await start({ port: 0, onLog: say });
  if (interrupted.aborted) {
    await running.stop();
    throw new TargetError('interrupted while the target was starting');
  }
  for (const line of running.describe()) say(`  ${line}`);
  // What the environment says of databases was read when there was no target yet.
  const env = { ...suite.env, [target.unless]: running.url };
  return {
    suite: { ...suite, ...applyEnvironment(suite.definition, suite.environment, env) },
    stop: () => running.stop(),
  };
}

/** For whoever waits: standard output is the summary's. */
export function sayOnError(line: string): void {
  process.stderr.write(`${line}\n`);
}
