// `plimsoll inspect`: the plans of a suite's profiles, as text or JSON, without any load.

import { describePlan } from '../plan/describe.ts';
import type { Overrides } from '../plan/overrides.ts';
import { makePlan } from '../plan/plan.ts';
import { loadSuite } from '../suite/suite.ts';

export interface InspectOptions extends Overrides {
  /** The profile to show; every one when absent. */
  readonly profile?: string | undefined;
  /** Name of the environment. */
  readonly env?: string | undefined;
  readonly workers?: number | undefined;
  readonly seed?: number | undefined;
  /** JSON in place of text: one plan with `profile`, else a list of plans. */
  readonly json?: boolean | undefined;
}

/**
 * The plan of one profile, or of all. Throws what `loadSuite` and `makePlan` throw; an override that one of
 * all profiles cannot take is among it.
 */
export async function inspectSuite(suite: string, options: InspectOptions = {}): Promise<string> {
  const { profile, env, workers = 1, seed = 0, json = false, ...overrides } = options;
  const loaded = await loadSuite(suite, { environment: env, env: process.env });
  try {
    const { definition, environment } = loaded;
    const names = profile === undefined ? Object.keys(definition.profiles) : [profile];
    const plans = names.map((name) =>
      makePlan(definition, name, { ...overrides, workers, seed, environment }),
    );
    if (json) return JSON.stringify(profile === undefined ? plans : plans[0], undefined, 2);
    return plans.map(describePlan).join('\n\n\n');
  } finally {
    await loaded.dispose();
  }
}
