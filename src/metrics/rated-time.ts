// How long the time is that the rate of a counter is per second of. Used by collector.ts.

import { durationOf } from '../executors/of-plan.ts';
import type { Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';

/**
 * Ms of a run that is `runMs` old. That is the run itself, but for a capacity search: a step is judged on its own time,
 * without its warm-up, and an adaptive search as a whole on the time that its steps were planned to drive load, since
 * nothing is sent between them.
 */
export function ratedMs({ scenarios, search }: Plan, tags: Tags, runMs: number): number {
  if (search === undefined) return runMs;
  const warmUpMs = search.adaptive?.warmUpMs ?? 0;
  const drivenMs = scenarios.map(({ name, startAtMs, executor }) => ({
    name,
    ms: Math.max(0, Math.min(durationOf(executor), runMs - startAtMs)),
  }));
  const isStep = search.steps.some(({ scenario }) => scenario === tags.scenario);
  const own = isStep ? drivenMs.find(({ name }) => name === tags.scenario) : undefined;
  if (own !== undefined) return Math.max(0, own.ms - warmUpMs);
  return search.adaptive === undefined ? runMs : drivenMs.reduce((sum, { ms }) => sum + ms, 0);
}
