// The model of a system for a simulation, each of its figures stated, measured or assumed. Called by assess-scaling.ts.

import { findCapacity } from '../analysis/capacity.ts';
import { breakingLoadOf } from '../analysis/rising-load.ts';
import { findScalability, type Scalability, type ScalabilityModel } from '../analysis/scalability.ts';
import type { Level, LoadUnit } from '../analysis/scaling-levels.ts';
import type { Measurements } from '../model/run-record.ts';
import type { ScalingPlan } from '../model/scaling.ts';
import { sortedQuantile } from '../stats/median.ts';
import { uslThroughput } from '../stats/usl.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { observedInstances } from './observed-instances.ts';
import type { Assumptions } from './scalers.ts';
import type { SystemModel } from './simulate.ts';

const defaultStartUpMs = 60_000;
const defaultDelayMs = 15_000;
const defaultIntervalMs = 15_000;
/** Intervals of a run whose response times are lower than in all but so many show it without a queue. */
const withoutQueue = 0.1;
/** Throughput that gains less from twice the users has levelled off. */
const leastGain = 0.1;

/** One figure of the model, and where it is from. */
export interface ModelFigure {
  readonly title: string;
  readonly text: string;
  readonly from: 'stated' | 'measured' | 'assumed';
  /** How it was measured, or what it means that it is assumed. */
  readonly note?: string;
}

export interface ModelOfSystem extends Assumptions {
  readonly system: SystemModel;
  /** How often a policy looks. */
  readonly intervalMs: number;
  readonly figures: readonly ModelFigure[];
  /** The run shows only what an instance can do at least, so that nothing may be said of work that waits to the end. */
  readonly isLeastCapacity: boolean;
}

/** The model, or why there is none, in a sentence. `instances`: how many made the capacity that was measured. */
export function modelOfSystem(
  measured: Measurements,
  policy: ScalingPlan,
  instances: number | undefined,
): ModelOfSystem | { readonly refusal: string } {
  const { simulation } = policy;
  const capacity = capacityOf(measured, policy, instances);
  if ('refusal' in capacity) return capacity;
  const startUpMs = simulation.startUpMs ?? defaultStartUpMs;
  const metricDelayMs = simulation.metricDelayMs ?? defaultDelayMs;
  const intervalMs = simulation.intervalMs ?? defaultIntervalMs;
  const cpuAtCapacity = simulation.cpuAtCapacity ?? 1;
  const response = responseOf(measured, policy);
  const time = (title: string, ms: number, stated: number | undefined): ModelFigure => ({
    title,
    text: formatDuration(ms),
    from: stated === undefined ? 'assumed' : 'stated',
  });
  return {
    system: {
      capacityPerInstance: capacity.perSec,
      startUpMs,
      metricDelayMs,
      ...(response !== undefined && { responseMs: response.ms }),
    },
    intervalMs,
    cpuAtCapacity,
    assume: simulation.assume,
    isLeastCapacity: capacity.isLeast,
    figures: [
      {
        title: 'Capacity of an instance',
        text: formatFigure(capacity.perSec, 'per s'),
        from: capacity.note === undefined ? 'stated' : 'measured',
        ...(capacity.note !== undefined && { note: capacity.note }),
      },
      time('Start of an instance', startUpMs, simulation.startUpMs),
      time('Age of figures', metricDelayMs, simulation.metricDelayMs),
      time('Time between looks', intervalMs, simulation.intervalMs),
      {
        title: 'CPU at capacity',
        text: formatFigure(cpuAtCapacity, 'ratio'),
        from: simulation.cpuAtCapacity === undefined ? 'assumed' : 'stated',
        ...(simulation.cpuAtCapacity === undefined && {
          note: 'a system that waits for something else than CPU has less, and rules on CPU act later or never',
        }),
      },
      ...(response === undefined
        ? []
        : [
            {
              title: 'Response time without a queue',
              text: formatFigure(response.ms, 'ms'),
              from: response.note === undefined ? ('stated' as const) : ('measured' as const),
              ...(response.note !== undefined && { note: response.note }),
            },
          ]),
      ...Object.entries(simulation.assume).map(
        ([word, value]): ModelFigure => ({
          title: word,
          text: /_percent$|_rate$|_ratio$/.test(word) ? formatFigure(value, 'ratio') : String(value),
          from: 'stated',
          note: 'held constant',
        }),
      ),
    ],
  };
}

type Capacity =
  | { readonly perSec: number; readonly note?: string; readonly isLeast: boolean }
  | { readonly refusal: string };

function capacityOf(measured: Measurements, policy: ScalingPlan, given: number | undefined): Capacity {
  const stated = policy.simulation.capacityPerInstance;
  if (stated !== undefined) return { perSec: stated, isLeast: false };
  const scalability = findScalability([measured]);
  const model = scalability?.model;
  if (model === undefined) {
    const why = scalability?.refusal ?? 'The run held no level of load.';
    return {
      refusal: `The run does not show what an instance can do. ${why} State scaling.simulation.capacityPerInstance, or run a capacity search or a ramp.`,
    };
  }
  const reached = reachedIn(measured, scalability!, model);
  if (reached === undefined) {
    return {
      refusal:
        'The run did not reach the capacity: throughput neither has a peak within its levels of load nor levels off, and no load broke a limit for good, so that an instance may be able to do far more. State scaling.simulation.capacityPerInstance, or raise the load until a limit breaks.',
    };
  }
  const count = given ?? instancesOf(measured, policy);
  if (count === undefined) {
    return {
      refusal:
        'How many instances ran is not known, so that the capacity of one is not either: state scaling.instances or scaling.simulation.capacityPerInstance.',
    };
  }
  const { perSec, sentence, isLeast } = reached;
  return {
    perSec: perSec / count,
    isLeast,
    note: `${sentence}, divided by ${formatFigure(count, 'count')}: right where instances share nothing`,
  };
}

interface Reached {
  /** Iterations per second of all instances. */
  readonly perSec: number;
  readonly sentence: string;
  readonly isLeast: boolean;
}

/** What all instances can do together; `undefined` where nothing in the run shows that they could not do more. */
function reachedIn(
  measured: Measurements,
  { unit, levels }: Scalability,
  model: ScalabilityModel,
): Reached | undefined {
  const { sigma, kappa, gamma, peak } = model;
  const counted = levels.filter(({ leftOut }) => leftOut === undefined);
  const largest = Math.max(...counted.map(({ load }) => load));
  // A peak beyond the largest level is a guess of the curve.
  if (peak !== undefined && peak.load.low < largest) {
    const load = Math.min(largest, peak.load.value);
    const perSec = uslThroughput({ sigma: sigma.value, kappa: kappa.value, gamma: gamma.value }, load);
    const at =
      unit === 'users' ? formatFigure(Math.round(load), 'users') : `${formatFigure(load, 'count')} in flight`;
    const sentence = `${formatFigure(perSec, 'iterations/s')} at ${at} by the curve through the levels of load, near its peak`;
    return { perSec, sentence, isLeast: false };
  }
  const broke = brokenLoad(measured);
  const why =
    broke === undefined ? levelledOff(unit, counted) : `${broke} broke a limit, and throughput shows no peak`;
  if (why === undefined) return undefined;
  const perSec = Math.max(...counted.map(({ throughput }) => throughput));
  const sentence = `At least ${formatFigure(perSec, 'iterations/s')}, the most that a level of load finished: ${why}`;
  return { perSec, sentence, isLeast: true };
}

/**
 * Of users alone: operations in flight grow at one and the same arrival rate as well, where response times do. A part of a
 * sentence.
 */
function levelledOff(unit: LoadUnit, ascending: readonly Level[]): string | undefined {
  const last = ascending.at(-1);
  const half = ascending.findLast(({ load }) => last !== undefined && load <= last.load / 2);
  if (unit !== 'users' || last === undefined || half === undefined) return undefined;
  const gain = last.throughput / half.throughput - 1;
  if (!(gain < leastGain)) return undefined;
  const [from, to] = [half.load, last.load].map((load) => formatFigure(Math.round(load), 'users'));
  return `from ${from} to ${to} throughput changed by ${formatFigure(gain, 'ratio')}`;
}

/** The load that broke a limit while it rose, or in a search; for people. */
function brokenLoad(measured: Measurements): string | undefined {
  const step = findCapacity(measured);
  if (step !== undefined) {
    return step.firstBroken === undefined ? undefined : formatFigure(step.firstBroken.load, step.unit);
  }
  const found = breakingLoadOf(measured);
  if (found?.broke === undefined || found.held === 0) return undefined;
  return formatFigure(Math.round(found.broke), found.unit);
}

/** A number that is stated, or a series that tells the same all the time. */
function instancesOf(measured: Measurements, policy: ScalingPlan): number | undefined {
  if (typeof policy.instances === 'number') return policy.instances;
  const observed = observedInstances(measured, policy);
  if (observed === undefined || 'problem' in observed) return undefined;
  const seen = new Set(observed.readings.map(({ value }) => value));
  const [count] = seen;
  return seen.size === 1 && count !== undefined && count > 0 ? count : undefined;
}

function responseOf(
  { timeline }: Measurements,
  { rules, simulation, hpa }: ScalingPlan,
): { readonly ms: number; readonly note?: string } | undefined {
  if (simulation.responseMs !== undefined) return { ms: simulation.responseMs };
  const words = [
    ...rules.flatMap(({ conditions }) => conditions.map(({ metric }) => metric)),
    ...(hpa?.targets ?? []).map(({ metric }) => metric),
  ];
  if (!words.some((word) => word.endsWith('_latency'))) return undefined;
  for (const metric of ['http_req_duration', 'iteration_duration']) {
    const seen = timeline.flatMap(({ metrics }) => {
      const values = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
      if (values === undefined || !('p(95)' in values) || values.count === 0) return [];
      return Number.isFinite(values['p(95)']) ? [values['p(95)']] : [];
    });
    if (seen.length === 0) continue;
    const ms = sortedQuantile(Float64Array.from(seen).sort(), withoutQueue);
    return { ms, note: `p(95) of ${metric}, below which a tenth of the run's intervals lie` };
  }
  return undefined;
}
