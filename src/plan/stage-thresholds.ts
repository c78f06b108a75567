// Thresholds on one stage of a ramp, `http_req_duration{stage:2}`, and whether there are windows to judge others by. Called by
// plan.ts, which knows when the load and its stages are.

import { stagesOf } from '../executors/load-parts.ts';
import { durationOf } from '../executors/of-plan.ts';
import { UsageError } from '../model/errors.ts';
import { seriesKey } from '../model/metric.ts';
import type { ScenarioPlan, ThresholdPlan } from '../model/plan.ts';
import { stageOf } from '../suite/threshold-windows.ts';
import { formatDuration } from '../time/duration.ts';

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

function nothingOutside(key: string): UsageError {
  return new UsageError(`the threshold on ${key} cannot be judged: there is no time without faults`, {
    hint: 'let the load last for longer, or begin the faults later; what follows a fault belongs to it for as long as `recovery` says',
  });
}

/** Each window of a threshold is remembered, in 16 bytes. */
const mostWindows = 200_000;

/**
 * Throws a `UsageError` where a threshold that is judged window by window has too many of them, or none: `within` leaves out all
 * of the load, or a stage has no whole second. One that is `optional` may have none.
 */
export function assertWindows(
  thresholds: readonly ThresholdPlan[],
  scenarios: readonly ScenarioPlan[],
): void {
  for (const { metric, tags, expression, windows, optional } of thresholds) {
    if (windows === undefined) continue;
    const loads = scenarios
      .filter(({ name }) => name === (tags.scenario ?? name))
      .map(({ startAtMs, executor }) => ({
        fromMs: startAtMs,
        untilMs: startAtMs + durationOf(executor),
      }));
    if (loads.length === 0) continue;
    const spans = windows.outside ?? (windows.stage === undefined ? loads : [windows.stage]);
    if (spans.length === 0) throw nothingOutside(seriesKey(metric, tags));
    const fromMs = Math.ceil(Math.min(...spans.map((one) => one.fromMs)) / 1000) * 1000;
    const untilMs = Math.floor(Math.max(...spans.map((one) => one.untilMs)) / 1000) * 1000;
    const what = `the threshold ${expression} on ${seriesKey(metric, tags)}`;
    const load = `${windows.stage === undefined ? 'a load' : 'a stage'} of ${formatDuration(Math.max(...spans.map((one) => one.untilMs)) - Math.min(...spans.map((one) => one.fromMs)))}`;
    if ((untilMs - fromMs) / windows.lengthMs > mostWindows) {
      throw new UsageError(`${what} would have more than ${mostWindows} windows in ${load}`, {
        hint: 'give it longer ones, such as `over 1m`',
      });
    }
    if (untilMs - fromMs > windows.withinMs || optional === true) continue;
    const leftOut =
      windows.withinMs === 0 ? '' : `: \`within\` leaves out ${formatDuration(windows.withinMs)}`;
    throw new UsageError(`${what} has no window to be judged by in ${load}${leftOut}`, {
      hint: 'let the load last for longer, give the threshold a shorter `within`, or set `optional: true` for it',
    });
  }
}
