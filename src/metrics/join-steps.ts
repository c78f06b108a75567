// Reads several runs that followed one another as one, and parts of a run on their own. Used by capacity.ts.

import { type MetricWindow, type SeriesDefinition, seriesKey } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import { type Collected, createCollector } from './collector.ts';

/** What the workers of one step sent, in the order of arrival. */
export interface StepWindows {
  readonly scenario: string;
  readonly windows: readonly MetricWindow[];
  /** How long the step took. */
  readonly durationMs: number;
  /** What came before this run time of the step is warm-up. */
  readonly warmUpMs: number;
}

/** Scenario tag of all that steps did while they warmed up. */
const warmUpScenario = 'warm-up';

/** What was measured in the windows that start from `fromMs` on and before `toMs`. */
export function collectPart(
  plan: Plan,
  windows: readonly MetricWindow[],
  fromMs: number,
  toMs: number,
): Collected {
  const collector = createCollector(plan);
  for (const window of windows) {
    const isInside = window.startAtMs >= fromMs && window.startAtMs < toMs;
    // Series are defined once, perhaps before the part begins.
    collector.accept(isInside ? window : { ...window, deltas: [] });
  }
  return collector.finish(toMs - fromMs);
}

/** When each step began in the joined run, ms, whole seconds, and how long it all took. */
export function stepOffsets(steps: readonly StepWindows[]): { startsMs: number[]; durationMs: number } {
  const startsMs: number[] = [];
  let nextMs = 0;
  let durationMs = 0;
  for (const step of steps) {
    startsMs.push(nextMs);
    durationMs = nextMs + step.durationMs;
    const newestMs = Math.max(step.durationMs, ...step.windows.map(({ endAtMs }) => endAtMs));
    nextMs += Math.ceil(newestMs / 1000) * 1000;
  }
  return { startsMs, durationMs };
}

/**
 * All steps as one run, by the plan that holds a scenario for each. What a step did while it warmed up carries the
 * scenario tag `warm-up` in place of its own, so that a step's series hold what counts, and whole metrics hold all.
 */
export function joinSteps(plan: Plan, steps: readonly StepWindows[]): Collected {
  const collector = createCollector(plan);
  const { startsMs, durationMs } = stepOffsets(steps);
  const ids = new Map<string, number>();
  for (const [position, { windows, warmUpMs }] of steps.entries()) {
    const known = new Map<string, SeriesDefinition>();
    for (const window of windows) {
      const { worker, startAtMs, endAtMs } = window;
      for (const one of window.definitions) known.set(`${worker}:${one.id}`, one);
      const definitions: SeriesDefinition[] = [];
      const deltas = window.deltas.map((delta) => {
        const original = known.get(`${worker}:${delta.id}`)!;
        const warm = startAtMs < warmUpMs && original.tags.scenario !== undefined;
        const tags = warm ? { ...original.tags, scenario: warmUpScenario } : original.tags;
        // Each step's workers number their series anew; here one series keeps its number through all steps.
        const key = `${worker} ${original.type} ${seriesKey(original.metric, tags)}`;
        const id = ids.get(key) ?? ids.size;
        if (!ids.has(key)) definitions.push({ ...original, id, tags });
        ids.set(key, id);
        return { ...delta, id };
      });
      const offsetMs = startsMs[position]!;
      collector.accept({
        worker,
        startAtMs: startAtMs + offsetMs,
        endAtMs: endAtMs + offsetMs,
        definitions,
        deltas,
      });
    }
  }
  return collector.finish(durationMs);
}
