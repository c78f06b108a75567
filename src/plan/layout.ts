// How the scenarios of a profile lie in time: side by side, or one after the other. Called by plan.ts; the
// overrides work on layouts, so that they can stretch them as a whole.

import { planTimeUnit, ratePerSecOf } from '../executors/arrival-rate.ts';
import { durationOf, stretched } from '../executors/of-plan.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { CapacitySearchDefinition, ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { floorOf, fractionOf, product, quotient, sum, toNumber } from '../stats/fraction.ts';
import { msOf } from '../time/duration.ts';
import { type PlainScenario, planFrame, planScenario } from './scenario.ts';

/** Name of the one scenario of a profile that is written inline; k6's. */
const inlineScenario = 'default';

interface LayoutItem {
  readonly scenario: ScenarioPlan;
  /** Gap after it, where the items follow one another. */
  readonly pauseMs: number;
}

/**
 * `parallel`: each scenario starts at its own `startAtMs`. `phases` and `search`: one after the other, whatever
 * `startAtMs` says until `placed` sets it; those of `search` are steps of a capacity search.
 */
export interface Layout {
  readonly kind: 'parallel' | 'phases' | 'search';
  readonly items: readonly LayoutItem[];
}

/** Length of a layout in ms: the regular end of the scenario that ends last. A last pause does not count. */
export function lengthOf(layout: Layout): number {
  return Math.max(...placed(layout).map((one) => one.startAtMs + durationOf(one.executor)));
}

/** Stretches or shrinks everything in proportion, so that the whole takes `durationMs`; it must take some time now. */
export function stretchedTo(layout: Layout, durationMs: number): Layout {
  const factor = quotient(fractionOf(durationMs), fractionOf(lengthOf(layout)));
  const scaled = (ms: number): number => toNumber(product(fractionOf(ms), factor));
  const items = layout.items.map(({ scenario, pauseMs }) => ({
    pauseMs: scaled(pauseMs),
    scenario: {
      ...scenario,
      startAtMs: scaled(scenario.startAtMs),
      executor: stretched(scenario.executor, scaled),
    },
  }));
  return { ...layout, items };
}

/** The scenarios with their final starts. */
export function placed(layout: Layout): ScenarioPlan[] {
  if (layout.kind === 'parallel') return layout.items.map((item) => item.scenario);
  let startAtMs = 0;
  return layout.items.map(({ scenario, pauseMs }) => {
    const one = { ...scenario, startAtMs };
    startAtMs += durationOf(scenario.executor) + pauseMs;
    return one;
  });
}

function isSearch(profile: ProfileDefinition): profile is ProfileDefinition & CapacitySearchDefinition {
  return 'executor' in profile && profile.executor === 'capacity-search';
}

/** Steps of a capacity search: one arrival-rate scenario for each rate from startRate to maxRate. */
function layOutSearch(suite: SuiteDefinition, search: CapacitySearchDefinition): LayoutItem[] {
  const { startRate, stepRate, maxRate, timeUnit, preAllocatedVUs, maxVUs = preAllocatedVUs } = search;
  const [first, step] = [fractionOf(startRate), fractionOf(stepRate)];
  const room = sum(fractionOf(maxRate), fractionOf(-startRate));
  const steps = Number(floorOf(quotient(room, step))) + 1;
  return Array.from({ length: steps }, (_, i) => {
    const scenario: ScenarioPlan = {
      ...planFrame(suite, `step-${i + 1}`, search),
      executor: {
        kind: 'constant-arrival-rate',
        ratePerSec: ratePerSecOf(toNumber(sum(first, product(step, fractionOf(i)))), timeUnit),
        ...planTimeUnit(timeUnit),
        durationMs: msOf(search.stepDuration),
        preAllocatedVUs,
        maxVUs,
      },
    };
    return { scenario, pauseMs: 0 };
  });
}

/** The layout of a validated profile, before any override. */
export function layOut(suite: SuiteDefinition, profile: ProfileDefinition): Layout {
  if ('phases' in profile) {
    const items = profile.phases.map((phase) => ({
      scenario: planScenario(suite, phase.name, phase as PlainScenario),
      pauseMs: msOf(phase.pause ?? 0),
    }));
    return { kind: 'phases', items };
  }
  if ('scenarios' in profile) {
    const items = Object.entries(profile.scenarios).map(([name, scenario]) => ({
      scenario: planScenario(suite, name, scenario as PlainScenario),
      pauseMs: 0,
    }));
    return { kind: 'parallel', items };
  }
  if (isSearch(profile)) return { kind: 'search', items: layOutSearch(suite, profile) };
  const scenario = planScenario(suite, inlineScenario, profile as PlainScenario);
  // The tags of an inline profile are the whole run's.
  return { kind: 'parallel', items: [{ scenario: { ...scenario, tags: {} }, pauseMs: 0 }] };
}
