// `plimsoll inspect`: the plans of a suite's profiles, as text or JSON, without any load.

import { maskData } from '../masking/mask.ts';
import { describePlan } from '../plan/describe.ts';
import { behindProxy } from '../plan/faults.ts';
import type { Overrides } from '../plan/overrides.ts';
import { makePlan } from '../plan/plan.ts';
import { loadSuite } from '../suite/suite.ts';
import { readTargetParts } from '../target-kit/target-registry.ts';
import { chooseProfiles } from './choose-profiles.ts';
import { safetyLines } from './safety-lines.ts';

export interface InspectOptions extends Overrides {
  /** The profiles to show, by name or part of it as for `run`; every one when absent. */
  readonly profile?: readonly string[] | undefined;
  /** Name of the environment. */
  readonly env?: string | undefined;
  readonly workers?: number | undefined;
  readonly seed?: number | undefined;
  /** JSON in place of text: one plan when `profile` fits one, else a list of plans. */
  readonly json?: boolean | undefined;
}

/**
 * The plans of the chosen profiles, or of all. Throws what `loadSuite`, `chooseProfiles` and `makePlan` throw;
 * an override that one of the profiles cannot take is among it.
 */
export async function inspectSuite(suite: string, options: InspectOptions = {}): Promise<string> {
  const { profile, env, workers = 1, seed = 0, json = false, ...overrides } = options;
  const loaded = await loadSuite(suite, { environment: env, env: process.env });
  const { definition, environment } = loaded;
  const targetParts = await readTargetParts(behindProxy(overrides.baseUrl ?? definition.baseUrl, definition));
  const names = chooseProfiles(definition, profile === undefined ? { all: true } : { profile });
  const planned = names.map((name) =>
    makePlan(definition, name, {
      ...overrides,
      ...{ workers, seed, environment, targetParts },
      data: loaded.data.plans,
    }),
  );
  const plans = maskData(planned);
  const isOne = profile !== undefined && plans.length === 1;
  if (json) return JSON.stringify(isOne ? plans[0] : plans, undefined, 2);
  return plans
    .map((plan, i) => withSafety(describePlan(plan), safetyLines(loaded, planned[i]!)))
    .join('\n\n\n');
}

/** The text of a plan with lines on the safety of what it names. */
export function withSafety(text: string, safety: readonly string[]): string {
  return safety.length === 0 ? text : `${text}\n\n${safety.join('\n')}`;
}
