// Several runs one after the other: each profile, as often as it is repeated. A short path over run-profile.ts, called by
// `plimsoll run`.

import type { Yardstick } from '../model/baseline.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type RunOptions, runProfile } from './run-profile.ts';
import type { RunOutcome } from './write-reports.ts';

export interface ProfilesOptions extends Omit<RunOptions, 'profile' | 'heldTo'> {
  readonly profiles: readonly string[];
  /** How often each profile runs, each time with the next seed. */
  readonly repeat: number;
  /** What the runs of a profile are held to, if to anything: each with those before it. */
  readonly yardsticks?: ReadonlyMap<string, Yardstick>;
}

export interface ProfileOutcome extends RunOutcome {
  readonly profile: string;
}

/**
 * Runs the profiles in order and gives each outcome as it comes; an interrupted run is the last. The workers that already
 * boot are the first run's. Throws what `runProfile` does.
 */
export async function* runProfiles(options: ProfilesOptions): AsyncGenerator<ProfileOutcome, void> {
  const { profiles, repeat, engine, yardsticks, ...each } = options;
  let booted = engine;
  for (const profile of profiles) {
    const yardstick = yardsticks?.get(profile);
    const earlier: RunRecord[] = [];
    for (let round = 0; round < repeat && !each.drainSignal.aborted; round++) {
      const outcome = await runProfile({
        ...each,
        profile,
        seed: each.seed + round,
        ...(yardstick !== undefined && { heldTo: { yardstick, earlier: [...earlier] } }),
        ...(booted !== undefined && { engine: booted }),
      });
      booted = undefined;
      // Each may have megabytes, so they are kept only where they are asked for.
      if (yardstick !== undefined) earlier.push(outcome.record);
      yield { ...outcome, profile };
    }
  }
}
