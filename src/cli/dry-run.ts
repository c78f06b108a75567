// `plimsoll run --dry-run`: prints the plans, then tries whether the target could be loaded: may it be, and does it listen?
// No load is driven, and no request is sent. Called by run.ts.

import { maskData, maskText } from '../masking/mask.ts';
import { exitCodes, SafetyError } from '../model/errors.ts';
import { describePlan } from '../plan/describe.ts';
import { type PlannedProfile, planProfile } from '../plan/plan.ts';
import { knownDestinations } from '../protocols/known-destinations.ts';
import { checkTarget } from '../run/check-target.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { overridesOf, type RunFlags } from './flags.ts';
import { withSafety } from './inspect.ts';
import { safetyLines } from './safety-lines.ts';
import { reasonToStart } from './suite-target.ts';

/** Throws a `TargetError` when the target does not answer; the plans are printed by then. */
export async function dryRun(
  suite: LoadedSuite,
  profiles: readonly string[],
  flags: RunFlags,
  { workers, seed }: { readonly workers: number; readonly seed: number },
): Promise<number> {
  const planned = profiles.map((profile) =>
    planProfile(suite.definition, profile, {
      ...overridesOf(flags),
      workers,
      seed,
      environment: suite.environment,
      data: suite.data.plans,
    }),
  );
  for (const { plan } of planned) {
    const safety = safetyLines(suite, plan, flags);
    process.stdout.write(`${withSafety(describePlan(maskData(plan)), safety)}\n`);
  }
  const tried =
    reasonToStart(suite, flags) === undefined ? await tryAll(suite, planned, flags) : aTargetOfItsOwn;
  process.stdout.write(`dry run: nothing was sent\n${tried.map((line) => `  ${line}\n`).join('')}`);
  return exitCodes.pass;
}

const aTargetOfItsOwn = ['the target was not tried: the run starts it'];

/** Each set of addresses once; a line for each address. */
async function tryAll(
  suite: LoadedSuite,
  planned: readonly PlannedProfile[],
  flags: RunFlags,
): Promise<string[]> {
  const lines = new Map<string, readonly string[]>();
  for (const profile of planned) {
    const loaded = knownDestinations(profile.plan, {}, suite.definition.users).filter(
      ({ isWatched, what }) => !isWatched && what !== 'requests',
    );
    const key = loaded.map(({ url }) => url).join(' ');
    if (loaded.length === 0 || lines.has(key)) continue;
    const refusal = await refusalOf(suite, profile, flags);
    lines.set(
      key,
      refusal === undefined
        ? loaded.map(({ what, url }) => maskText(`${what} answers: a connection to ${url} could be opened`))
        : [`the target was not tried: ${refusal}`],
    );
  }
  const all = [...lines.values()].flat();
  return all.length === 0 ? ['no target was tried: the suite names no address of one'] : all;
}

/** Why the target may not even be tried; `undefined` when it answers. */
async function refusalOf(
  suite: LoadedSuite,
  profile: PlannedProfile,
  flags: RunFlags,
): Promise<string | undefined> {
  try {
    await checkTarget(profile, {
      suite,
      force: flags.force === true,
      allowFaults: flags.allowFaults === true,
      overrides: overridesOf(flags),
      onEvent: () => {},
      raise: async () => {},
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof SafetyError) return maskText(thrown.message);
    throw thrown;
  }
}
