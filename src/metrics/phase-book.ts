// What each scenario and each stage of one came to. The collector feeds it; reports show it as "Phases and stages".

import { type LoadPart, stagesOf } from '../executors/load-parts.ts';
import { durationOf } from '../executors/of-plan.ts';
import type { SeriesDefinition, SeriesDelta } from '../model/metric.ts';
import type { PhaseRecord } from '../model/phase.ts';
import type { Plan } from '../model/plan.ts';
import { OperationSums, summedMetrics } from './operation-sums.ts';

/** So many parts have figures of their own; the first of the plan. */
const mostParts = 200;

interface Phase extends LoadPart {
  readonly scenario: string;
  readonly stage?: number;
  /** Of its scenario: nothing comes before it, or after it. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly sums: OperationSums;
}

export class PhaseBook {
  readonly #byScenario = new Map<string, readonly Phase[]>();

  /** A search has its steps; of one scenario without stages the whole run tells. */
  constructor({ scenarios, search }: Pick<Plan, 'scenarios' | 'search'>) {
    if (search !== undefined) return;
    let count = 0;
    for (const one of scenarios) {
      const stages = stagesOf(one);
      const { name: scenario, startAtMs } = one;
      const whole = { fromMs: startAtMs, untilMs: startAtMs + durationOf(one.executor) };
      const phases: Phase[] = [
        ...(scenarios.length > 1
          ? [{ scenario, ...whole, isFirst: true, isLast: true, sums: new OperationSums() }]
          : []),
        ...(stages.length > 1 ? stages : []).map((part, i) => ({
          ...{ scenario, stage: i + 1, ...part },
          isFirst: i === 0,
          isLast: i === stages.length - 1,
          sums: new OperationSums(),
        })),
      ];
      if (phases.length === 0 || count + phases.length > mostParts) continue;
      count += phases.length;
      this.#byScenario.set(scenario, phases);
    }
  }

  /** The parts that a series may tell of. */
  matching({ metric, tags }: SeriesDefinition): readonly Phase[] {
    if (!summedMetrics.has(metric) || tags.scenario === undefined) return [];
    return this.#byScenario.get(tags.scenario) ?? [];
  }

  /** What a series gained in the second from `atMs` on. */
  add(phases: readonly Phase[], metric: string, delta: SeriesDelta, atMs: number): void {
    for (const { fromMs, untilMs, isFirst, isLast, sums } of phases) {
      // A second belongs to the part in which it begins.
      const isLate = atMs >= untilMs;
      if ((isFirst || atMs >= fromMs) && (isLast || !isLate)) sums.add(metric, delta, atMs, isLate);
    }
  }

  finish(durationMs: number): PhaseRecord[] {
    return [...this.#byScenario.values()].flat().flatMap(({ scenario, stage, fromMs, untilMs, sums }) => {
      const endMs = Math.min(untilMs, durationMs);
      if (endMs <= fromMs) return [];
      const figures = sums.figures(endMs - fromMs);
      return [{ scenario, ...(stage !== undefined && { stage }), fromMs, untilMs: endMs, figures }];
    });
  }
}

export type { Phase };
