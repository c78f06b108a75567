// All steps of a capacity search as one record. Called by capacity.ts at the end of a search, and by recover-search.ts.

import { endedDataSentences } from '../analysis/data-findings.ts';
import { assessGenerator } from '../analysis/generator-health.ts';
import { gapReasons } from '../analysis/worker-losses.ts';
import { joinSteps, type StepWindows, stepOffsets } from '../judge/join-steps.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { Plan } from '../model/plan.ts';
import type { RunRecord, WorkerGap, WorkerHealth } from '../model/run-record.ts';
import { conclude, type Driven } from './conclude.ts';

/** One step that load was driven in. */
export interface SearchStep extends StepWindows {
  /** Masked. */
  readonly plan: Plan;
  readonly errors: readonly ErrorGroup[];
  readonly driven: Driven;
  /** Why the generator could not drive it; empty when it could. */
  readonly saturation: readonly string[];
}

/** A step out of all that it measured, in the order of arrival. */
export function makeSearchStep(
  measured: Pick<SearchStep, 'plan' | 'warmUpMs' | 'windows' | 'errors' | 'reports' | 'driven'>,
): SearchStep {
  const { plan, driven } = measured;
  // A step in which load was missing, for a while or for want of data, shows as little as one that could not be driven.
  const saturation = [
    ...assessGenerator({ plan, ...driven }).reasons,
    ...gapReasons({ plan, ...driven }),
    ...endedDataSentences({ plan, data: driven.feeders }),
  ];
  const durationMs = driven.timeline.at(-1)?.endAtMs ?? plan.durationMs;
  const scenario = plan.scenarios[0]!.name;
  return { ...measured, scenario, alerts: driven.alerts ?? [], durationMs, saturation };
}

/** All steps as one record. */
export function concludeSearch(
  identity: Parameters<typeof conclude>[0],
  steps: readonly SearchStep[],
  search: NonNullable<Plan['search']>,
  {
    saturated,
    ...whole
  }: Pick<Parameters<typeof conclude>[2], 'interrupted' | 'refusal' | 'outputs' | 'endedAt' | 'recovery'> & {
    /** The generator is what limited the search. */
    readonly saturated: boolean;
  },
): RunRecord {
  const { startsMs, durationMs } = stepOffsets(steps);
  const scenarios = steps.map(({ plan }, i) => ({ ...plan.scenarios[0]!, startAtMs: startsMs[i]! }));
  const last = steps.at(-1)!;
  const plan: Plan = {
    ...last.plan,
    scenarios,
    thresholds: steps.flatMap((step) => step.plan.thresholds),
    search,
    durationMs,
    maxDurationMs: Math.max(...scenarios.map((one) => one.startAtMs + last.plan.maxDurationMs)),
  };
  const errors = createErrorCollector();
  for (const [i, step] of steps.entries()) {
    const offsetMs = startsMs[i]!;
    errors.accept(
      step.errors.map((group) => ({
        ...group,
        firstAtMs: group.firstAtMs + offsetMs,
        lastAtMs: group.lastAtMs + offsetMs,
      })),
    );
  }
  return conclude(identity, plan, {
    ...joinSteps(plan, steps),
    ...whole,
    errors: errors.finish(),
    suiteFindings: steps.flatMap(({ driven }) => driven.suiteFindings),
    workers: joinWorkers(steps),
    gaps: joinGaps(steps, startsMs),
    feeders: joinFeeders(steps, startsMs),
    generator: { saturated, reasons: saturated ? last.saturation : [] },
  });
}

function joinGaps(steps: readonly SearchStep[], startsMs: readonly number[]): WorkerGap[] {
  return steps.flatMap(({ driven }, i) =>
    driven.gaps.map((gap) => ({
      ...gap,
      fromMs: gap.fromMs + startsMs[i]!,
      untilMs: gap.untilMs === null ? null : gap.untilMs + startsMs[i]!,
      measuredUntilMs: gap.measuredUntilMs + startsMs[i]!,
    })),
  );
}

/** Unique rows go on from step to step; of others each step begins with the first. */
function joinFeeders(steps: readonly SearchStep[], startsMs: readonly number[]): FeederRecord[] {
  const joined = new Map<string, FeederRecord>();
  steps.forEach(({ driven }, i) => {
    for (const { endedAtMs, ...one } of driven.feeders) {
      const known = joined.get(one.name);
      joined.set(one.name, {
        ...one,
        given: one.given + (known?.given ?? 0),
        wraps: one.wraps + (known?.wraps ?? 0),
        refused: one.refused + (known?.refused ?? 0),
        usersEnded: one.usersEnded + (known?.usersEnded ?? 0),
        lost: one.lost + (known?.lost ?? 0),
        endedAtMs: known?.endedAtMs ?? (endedAtMs === null ? null : endedAtMs + startsMs[i]!),
      });
    }
  });
  return [...joined.values()];
}

/** Per worker index: CPU of all steps, the highest memory, the process of the last step. */
function joinWorkers(steps: readonly SearchStep[]): WorkerHealth[] {
  const byIndex = new Map<number, WorkerHealth>();
  for (const worker of steps.flatMap(({ driven }) => driven.workers)) {
    const known = byIndex.get(worker.index);
    byIndex.set(worker.index, {
      ...worker,
      cpuMs: worker.cpuMs + (known?.cpuMs ?? 0),
      peakMemoryBytes: Math.max(worker.peakMemoryBytes, known?.peakMemoryBytes ?? 0),
      completed: worker.completed && known?.completed !== false,
    });
  }
  return [...byIndex.values()];
}
