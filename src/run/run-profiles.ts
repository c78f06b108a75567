// Several runs one after the other: each profile, as often as it is repeated. A short path over run-profile.ts, called by
// `plimsoll run`.

import { type RunOptions, runProfile } from './run-profile.ts';
import type { RunOutcome } from './write-reports.ts';

export interface ProfilesOptions extends Omit<RunOptions, 'profile'> {
  readonly profiles: readonly string[];
  /** How often each profile runs, each time with the next seed. */
  readonly repeat: number;
}

export interface ProfileOutcome extends RunOutcome {
  readonly profile: string;
}

/**
 * Runs the profiles in order and gives each outcome as it comes; an interrupted run is the last. The workers that already
 * boot are the first run's. Throws what `runProfile` does.
 */
export async function* runProfiles(options: ProfilesOptions): AsyncGenerator<ProfileOutcome, void> {
  const { profiles, repeat, engine, ...each } = options;
  let booted = engine;
  for (const profile of profiles) {
    for (let round = 0; round < repeat && !each.drainSignal.aborted; round++) {
      const outcome = await runProfile({
        ...each,
        profile,
        seed: each.seed + round,
        ...(booted !== undefined && { engine: booted }),
      });
      booted = undefined;
      yield { ...outcome, profile };
    }
  }
}
