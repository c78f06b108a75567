// The plan of a run without load: what is watched, for how long, and what is judged by it. `plimsoll monitor` runs it.

import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { serversOf, withoutServers } from '../protocols/planned-servers.ts';
import { generatorMonitor } from '../suite/monitor-settings.ts';
import type { TargetParts } from '../target-kit/target.ts';
import { findProfile, type PlannedProfile, planProfile, planScaling } from './plan.ts';

export interface WatchPlanOptions {
  /** Infinity: until it is stopped. */
  readonly durationMs: number;
  readonly environment: string;
  readonly baseUrl?: string | undefined;
  readonly targetParts?: TargetParts | undefined;
  /** In place of every monitor's own. */
  readonly intervalMs?: number | undefined;
}

/** A run that is not told when to end counts as so long; it ends by Ctrl-C. */
const longestMs = 365 * 86_400_000;
const watchProfile = 'monitor';

/**
 * The plan of watching a suite's system: its monitors, alerts, and thresholds on their figures, those of the profile
 * among them. Throws what `planProfile` throws.
 */
export function makeWatchPlan(
  suite: SuiteDefinition,
  profileName: string | undefined,
  options: WatchPlanOptions,
): PlannedProfile {
  const { durationMs, intervalMs, ...where } = options;
  const length = Math.min(durationMs, longestMs);
  const profile = profileName === undefined ? undefined : findProfile(suite, profileName);
  const stands: ProfileDefinition = {
    executor: 'constant-vus',
    vus: 1,
    duration: length,
    ...serversOf(profile ?? {}),
    ...(profile?.monitors !== undefined && { monitors: profile.monitors }),
    ...(profile?.alerts !== undefined && { alerts: profile.alerts }),
    ...(profile?.thresholds !== undefined && { thresholds: profile.thresholds }),
  };
  // Without load nothing shows whether an objective is met.
  const watching = { ...suite, objectives: {}, profiles: { [watchProfile]: stands } };
  const { plan, monitors } = planProfile(watching, watchProfile, {
    ...where,
    workers: 1,
    seed: 0,
  });
  const { operationsReport: _report, comparisons: _comparisons, ...rest } = withoutServers(plan);
  const watched = new Set((plan.monitors ?? []).map(({ name }) => `monitor_${name}_`));
  const isWatched = ({ metric }: { readonly metric: string }): boolean =>
    [...watched].some((prefix) => metric.startsWith(prefix));
  const alerts = (plan.alerts ?? []).filter(({ rules }) =>
    rules.every(({ conditions }) => conditions.every(isWatched)),
  );
  const watchPlan = {
    ...rest,
    ...planScaling(suite),
    description: `Watches ${suite.name} without load`,
    scenarios: [],
    monitors: (plan.monitors ?? []).map((one) => ({
      ...one,
      ...(one.name === generatorMonitor && { title: 'Plimsoll itself' }),
      ...(intervalMs !== undefined && { intervalMs }),
    })),
    thresholds: plan.thresholds.filter(isWatched),
    ...(alerts.length === 0 ? { alerts: [] } : { alerts }),
    durationMs: length,
    maxDurationMs: length,
  };
  return { plan: watchPlan, monitors, tooShort: [] };
}
