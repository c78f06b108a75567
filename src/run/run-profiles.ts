// Several runs one after the other: each profile, as often as it is repeated, once what it needs has passed. A short path
// over run-profile.ts, called by `plimsoll run`.

import type { Yardstick } from '../model/baseline.ts';
import { type ExitCode, exitCodes, PlimsollError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { CourseStep } from '../plan/course.ts';
import { formatCount } from '../text/format-figure.ts';
import { type RunOptions, runProfile } from './run-profile.ts';
import type { RunOutcome } from './write-reports.ts';

export interface ProfilesOptions extends Omit<RunOptions, 'profile' | 'heldTo'> {
  readonly steps: readonly CourseStep[];
  /** How often each profile runs, each time with the next seed. */
  readonly repeat: number;
  /** What the runs of a profile are held to, if to anything: each with those before it. */
  readonly yardsticks?: ReadonlyMap<string, Yardstick>;
  /** Why profiles are left out from the beginning, by profile. */
  readonly leftOut?: ReadonlyMap<string, string>;
}

export interface ProfileOutcome extends RunOutcome {
  readonly kind: 'ran';
  readonly profile: string;
}

/** A profile, or one of its repetitions, that there is no record of. */
export interface NotRun {
  readonly kind: 'not-run';
  readonly profile: string;
  /** One sentence. */
  readonly reason: string;
  /** What the command ends with on its account, if with nothing worse. */
  readonly exitCode: ExitCode;
  /** What kept it from running, when that was an error. */
  readonly error?: PlimsollError;
}

/**
 * Runs the profiles in order and gives each outcome as it comes; an interrupted run is the last. The workers that already
 * boot are the first run's. A profile that cannot be run, or whose needs have not passed, is left out when it is one of
 * several. Throws what `runProfile` does for the only profile, and for a target that may not be loaded when nothing has
 * been loaded before: else what ran is told with what did not.
 */
export async function* runProfiles(options: ProfilesOptions): AsyncGenerator<ProfileOutcome | NotRun, void> {
  const { steps, repeat, engine, yardsticks, leftOut, ...each } = options;
  const passed = new Set<string>();
  let booted = engine;
  let hasRun = false;
  /** The profile that was not allowed. */
  let refused: string | undefined;
  for (const { profile, needs } of steps) {
    const notRun = (reason: string, exitCode: ExitCode = exitCodes.inconclusive): NotRun => ({
      ...{ kind: 'not-run', profile, reason, exitCode },
    });
    const missing = needs.filter((one) => !passed.has(one));
    if (each.drainSignal.aborted) {
      yield notRun('The command was interrupted.', exitCodes.interrupted);
      continue;
    }
    const why = leftOut?.get(profile);
    if (why !== undefined) {
      yield notRun(why);
      continue;
    }
    if (refused !== undefined) {
      yield notRun(`Nothing was run after ${refused}, which was refused.`, exitCodes.refused);
      continue;
    }
    if (missing.length > 0) {
      yield notRun(`It needs ${missing.join(' and ')}, which did not pass.`);
      continue;
    }
    const yardstick = yardsticks?.get(profile);
    const earlier: RunRecord[] = [];
    let held = 0;
    let isCutShort = false;
    for (let round = 0; round < repeat && !isCutShort; round++) {
      if (each.drainSignal.aborted) {
        const runs = formatCount(round, 'run');
        yield notRun(`The command was interrupted after ${runs} of ${repeat}.`, exitCodes.interrupted);
        break;
      }
      const own = booted;
      booted = undefined;
      try {
        const outcome = await runProfile({
          ...each,
          profile,
          seed: each.seed + round,
          ...(yardstick !== undefined && { heldTo: { yardstick, earlier: [...earlier] } }),
          ...(own !== undefined && { engine: own }),
        });
        // Each may have megabytes, so they are kept only where they are asked for.
        if (yardstick !== undefined) earlier.push(outcome.record);
        if (await hasPassed(outcome.record)) held++;
        hasRun = true;
        // Its own verdict says that it is not whole.
        isCutShort = outcome.record.interrupted;
        yield { kind: 'ran', ...outcome, profile };
      } catch (thrown) {
        if (steps.length === 1 || !(thrown instanceof PlimsollError)) throw thrown;
        // A target that may not be loaded may not be loaded by any.
        if (thrown.exitCode === exitCodes.refused) {
          if (!hasRun) throw thrown;
          refused = profile;
        }
        yield each.drainSignal.aborted
          ? notRun('The command was interrupted.', exitCodes.interrupted)
          : { ...notRun(`${thrown.message}.`, thrown.exitCode), error: thrown };
        break;
      }
    }
    if (held === repeat) passed.add(profile);
  }
}

/** A compressed run passes a gate by what was judged in it. */
async function hasPassed(record: RunRecord): Promise<boolean> {
  // Loaded when a load has ended: until then the memory is the load's.
  const { verdictAsMeasured } = await import('../analysis/verdict.ts');
  const { status } = verdictAsMeasured(record);
  return status === 'pass' || status === 'warn';
}
