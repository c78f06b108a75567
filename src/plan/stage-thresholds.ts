// Thresholds on one stage of a ramp: `http_req_duration{stage:2}`. Called by plan.ts, which knows when stages are.

import { stagesOf } from '../executors/load-parts.ts';
import { UsageError } from '../model/errors.ts';
import { seriesKey } from '../model/metric.ts';
import type { ScenarioPlan, ThresholdPlan } from '../model/plan.ts';
import { stageOf } from '../suite/threshold-windows.ts';

/**
 * Gives thresholds on a stage its time. Throws a `UsageError` where the profile has no such stage, or several scenarios
 * that have one and the selector names none.
 */
export function withStageTimes(
  thresholds: readonly ThresholdPlan[],
  scenarios: readonly ScenarioPlan[],
): ThresholdPlan[] {
  return thresholds.map((threshold) => {
    const number = stageOf(threshold.tags);
    if (number === undefined || scenarios.some(({ tags }) => tags.stage !== undefined)) return threshold;
    const { metric, tags, windows } = threshold;
    const staged = scenarios.filter(
      (one) => one.name === (tags.scenario ?? one.name) && stagesOf(one).length > 0,
    );
    const stage = staged.length === 1 ? stagesOf(staged[0]!)[number - 1] : undefined;
    if (stage === undefined) throw missingStage(seriesKey(metric, tags), staged);
    const lengthMs = Math.max(1000, Math.round((stage.untilMs - stage.fromMs) / 1000) * 1000);
    return {
      ...threshold,
      windows: {
        ...(windows ?? { lengthMs, withinMs: 0, share: 1 }),
        stage: { scenario: staged[0]!.name, ...stage },
      },
    };
  });
}

function missingStage(key: string, staged: readonly ScenarioPlan[]): UsageError {
  const known = staged.map((one) => `${one.name} (1 to ${stagesOf(one).length})`).join(', ');
  const hint =
    staged.length > 1
      ? `name one of the scenarios, too: ${known}`
      : known === ''
        ? 'only ramping-vus and ramping-arrival-rate have stages'
        : `stages of this profile: ${known}`;
  return new UsageError(`the threshold on ${key} cannot be judged: the profile has no such stage`, { hint });
}
