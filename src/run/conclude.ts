// What a run measured becomes its record. Called by run/run-profile.ts, and wherever a record is made of other runs or again.

import { analyse } from '../analysis/analyse.ts';
import { findCapacity } from '../analysis/capacity.ts';
import { assessGenerator } from '../analysis/generator-health.ts';
import { generatorOfSearch } from '../analysis/generator-of-search.ts';
import { maskData } from '../masking/mask.ts';
import type { Yardstick } from '../model/baseline.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { Refusal } from '../model/guard.ts';
import type { TrendValues } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type {
  GeneratorHealth,
  JudgedRun,
  Measurements,
  MetricEntry,
  Recovery,
  RunEnvironment,
  RunRecord,
  WorkerGap,
  WorkerHealth,
} from '../model/run-record.ts';
import { runRecordSchemaVersion } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { checkRun } from '../regression/hold-runs.ts';
import { findScaling } from '../scaling/find-scaling.ts';
import { wallClock } from '../time/clock.ts';

/** All that is known of a run when its load has ended, live or from a journal. */
export interface Driven extends JudgedRun, Pick<Measurements, 'errors' | 'interrupted' | 'outputs'> {
  /** What ended the run for safety. */
  readonly refusal?: Refusal | undefined;
  /** What the suite's own code has found. */
  readonly suiteFindings: readonly Finding[];
  readonly workers: readonly WorkerHealth[];
  readonly gaps: readonly WorkerGap[];
  /** In the order of the plan. */
  readonly feeders: readonly FeederRecord[];
}

/** What is known of a run before anything is measured. */
interface RunIdentity {
  readonly id: string;
  readonly startedAt: Date;
  readonly environment: RunEnvironment;
}

export interface HeldTo {
  readonly yardstick: Yardstick;
  readonly earlier: readonly RunRecord[];
}

/**
 * Measurements become a record: the generator's health first, then findings and verdict, then what it is held to. Plan and environment are
 * masked already.
 */
export function conclude(
  { id, startedAt, environment }: RunIdentity,
  plan: Plan,
  run: Driven & {
    /** In place of what the measurements say by themselves. */
    readonly generator?: Pick<GeneratorHealth, 'saturated' | 'reasons'>;
    /** Of a record that is rebuilt. */
    readonly endedAt?: Date;
    readonly recovery?: Recovery;
    /** What the run is held to, together with equal runs before it. */
    readonly heldTo?: HeldTo;
  },
): RunRecord {
  const { metrics, timeline, workers, gaps } = run;
  const measurements: Measurements = {
    schemaVersion: runRecordSchemaVersion,
    id,
    suite: plan.suite,
    profile: plan.profile,
    environment,
    target: { baseUrl: plan.baseUrl ?? null },
    startedAt: startedAt.toISOString(),
    endedAt: (run.endedAt ?? wallClock()).toISOString(),
    interrupted: run.interrupted,
    ...(run.refusal !== undefined && { refusal: run.refusal }),
    ...(run.recovery !== undefined && { recovery: run.recovery }),
    plan,
    generator: {
      ...(run.generator ?? assessGenerator({ plan, ...run })),
      cpu: trend(metrics.generator_cpu),
      eventLoopDelayMs: trend(metrics.generator_event_loop_delay),
      scheduleLagMs: trend(metrics.generator_schedule_lag),
      gcPauseMs: trend(metrics.generator_gc_pause),
      droppedIterations: count(metrics.dropped_iterations),
      workers,
      gaps,
    },
    metrics,
    thresholds: run.thresholds,
    ...(run.cutOff !== undefined && { cutOff: run.cutOff }),
    timeline,
    ...(run.phases !== undefined && { phases: run.phases }),
    ...(run.steady !== undefined && { steady: run.steady }),
    ...(run.comparisons !== undefined && { comparisons: run.comparisons }),
    monitors: run.monitors,
    ...(run.alerts !== undefined && { alerts: run.alerts }),
    ...(run.faults !== undefined && { faults: run.faults }),
    ...(run.operationCourse !== undefined && { operationCourse: run.operationCourse }),
    ...(run.outputs !== undefined && { outputs: run.outputs }),
    ...(plan.data !== undefined && { data: run.feeders }),
    checks: run.checks,
    errors: run.errors,
  };
  // Masked before it is analysed, since findings and reasons repeat its texts.
  const { plan: _plan, environment: _environment, ...measured } = measurements;
  const masked: Measurements = { ...measurements, ...maskData(measured) };
  // What the generator could not drive limits a search only where the answer depends on it.
  const ofSearch = generatorOfSearch(masked, findCapacity(masked));
  const sound: Measurements = { ...masked, generator: { ...masked.generator, ...ofSearch } };
  const suiteFindings = maskData(run.suiteFindings);
  const ofPolicy = findScaling(sound);
  const record: RunRecord = { ...sound, ...analyse(sound, suiteFindings, undefined, ofPolicy) };
  if (run.heldTo === undefined) return record;
  const { yardstick, earlier } = run.heldTo;
  // Whether its figures can be used at all is what the run says by itself.
  const held = { ...sound, baseline: maskData(checkRun(yardstick, earlier, record)) };
  return { ...held, ...analyse(held, suiteFindings, undefined, ofPolicy) };
}

const noValues: TrendValues = {
  avg: 0,
  min: 0,
  med: 0,
  max: 0,
  'p(90)': 0,
  'p(95)': 0,
  'p(99)': 0,
  count: 0,
};

function trend(entry: MetricEntry | undefined): TrendValues {
  return entry !== undefined && 'p(95)' in entry.values ? entry.values : noValues;
}

function count(entry: MetricEntry | undefined): number {
  return entry !== undefined && 'count' in entry.values ? entry.values.count : 0;
}
