// The run record: the one result of a run. Analysis, reports and later commands read this and nothing else.

import type { AlertRecord } from './alert.ts';
import type { ComparisonResult } from './comparison.ts';
import type { ErrorGroup } from './error-group.ts';
import type { FaultRecord, OperationCourse } from './fault.ts';
import type { FeederRecord } from './feeder.ts';
import type { BaselineCheck } from './gate.ts';
import type { Refusal } from './guard.ts';
import type { MetricContains, MetricType, MetricValues, Tags, TrendValues } from './metric.ts';
import type { MonitorRecord } from './monitor.ts';
import type { Compliance } from './objective.ts';
import type { OutputTally } from './output.ts';
import type { PhaseRecord, SteadyRecord } from './phase.ts';
import type { Plan } from './plan.ts';
import type { Recommendation } from './recommendation.ts';
import type { Finding, Verdict } from './verdict.ts';

export const runRecordSchemaVersion = 1;

/** Work that was cut off, as far as it matters to one threshold. */
export interface CutOfThreshold {
  readonly count: number;
  /** With those that completed. */
  readonly of: number;
  /** How long the work had waited, ms. */
  readonly waitedMs: { readonly least: number; readonly most: number };
}

/** How a threshold went that is judged window by window. Those in which nothing ended or waited are in none of the counts. */
export interface WindowTally {
  readonly held: number;
  readonly broken: number;
  /** Nobody knows: what was cut off, or did not end within the window, decides. */
  readonly open: number;
  /** The longest time for which it was surely broken on end; `fromMs` is `null` when it never was. */
  readonly longestBroken: { readonly fromMs: number | null; readonly lengthMs: number };
  /** The worst figure of a window that is known, and where that began; `null` without one. */
  readonly worst: { readonly value: number; readonly fromMs: number } | null;
}

export interface ThresholdResult {
  /** False also when it is undecided. */
  readonly ok: boolean;
  readonly level: 'target' | 'critical' | 'search';
  /** The value compared; `null` when a series other than a counter had no sample. */
  readonly actual: number | null;
  readonly limit: number;
  /**
   * In a capacity search, of a lower limit on throughput: what the load of the step offers, in the unit of `actual`. The
   * step need not make more, whatever the limit is. Absent where no step at a lower load shows how much it is.
   */
  readonly offered?: number;
  /** It held, but within its warn margin. */
  readonly close: boolean;
  /** True when this threshold ended the run early. */
  readonly aborted: boolean;
  /** What was cut off leaves open whether it holds. */
  readonly undecided?: true;
  /** Some of what it selects is counted under `(other)`, so that nobody knows whether it holds. */
  readonly folded?: true;
  /** Least and greatest value that the cut-off work leaves possible; `null` is without bound. Absent when none is. */
  readonly bounds?: { readonly least: number | null; readonly greatest: number | null };
  /** The cut-off work that makes the bounds. */
  readonly cut?: CutOfThreshold;
  /** Of a threshold that is judged window by window; `actual` is then what decides, see docs/how-it-measures.md. */
  readonly windows?: WindowTally;
}

/** A threshold of the plan with its result. What is written alike at two levels, or twice, has one each. */
export interface ThresholdOutcome extends ThresholdResult {
  /** Tells it from all others of the run; made of its series, its expression, and where these are shared, of the rest. */
  readonly id: string;
  /** Series key. */
  readonly series: string;
  /** As written. */
  readonly expression: string;
  readonly abortOnFail: boolean;
  readonly delayAbortEvalMs: number;
}

/** Pieces of work of one kind that were cut off. */
export interface CutOffWork {
  /** The trend that each would have had a value of. */
  readonly metric: string;
  /** What was known of them. */
  readonly tags: Tags;
  /** The plan demanded that they get done. */
  readonly due: boolean;
  readonly count: number;
  /** How long they had waited. */
  readonly waitedMs: { readonly least: number; readonly most: number; readonly sum: number };
  /** Of these, those that had waited longer than work of their kind takes, or that the plan demanded. */
  readonly overdue: number;
  /** Absent when none is overdue. */
  readonly overdueMs?: {
    readonly least: number;
    readonly most: number;
    readonly sum: number;
    readonly med: number;
  };
}

/** What was cut off that would have had values of a trend. */
export interface CutOfEntry {
  readonly count: number;
  /** See `CutOffWork`. */
  readonly overdue: number;
  readonly waitedMs: { readonly least: number; readonly most: number };
}

/** One metric, or one series of it, over the whole run. */
export interface MetricEntry {
  readonly type: MetricType;
  readonly contains: MetricContains;
  readonly values: MetricValues;
  /** The metric's own name: the key without its `{...}`. */
  readonly metric: string;
  /** The tags of the key's `{...}`; absent for the metric as a whole. */
  readonly tags?: Tags;
  /** By expression, as written; of thresholds that share one the worst result. All are in `RunRecord.thresholds`. */
  readonly thresholds?: Readonly<Record<string, ThresholdResult>>;
  /** Trends only; absent when nothing of it was cut off. `values` and `histogram` hold what completed. */
  readonly cut?: CutOfEntry;
  /** Trends only: base64 of `Histogram.encode()`, so that records can be merged and compared. */
  readonly histogram?: string;
}

/** One interval of the run, ascending by `startAtMs`, without gaps. Only metrics with samples appear. */
export interface TimelineWindow {
  readonly startAtMs: number;
  readonly endAtMs: number;
  /** By metric name, values as in `metrics`. */
  readonly metrics: Readonly<Record<string, MetricValues>>;
}

export interface CheckResult {
  readonly name: string;
  /** scenario, user, task and group of the check. */
  readonly tags: Tags;
  readonly passes: number;
  readonly fails: number;
}

export interface WorkerHealth {
  readonly index: number;
  readonly pid: number;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  /** False when the process ended before its work was done. */
  readonly completed: boolean;
}

/** A time in which a worker's part of the load was missing, because its process was lost. */
export interface WorkerGap {
  /** Index of the worker. */
  readonly worker: number;
  /** Run time at which its process was gone. */
  readonly fromMs: number;
  /** Run time at which another process took its place; `null` when none did. */
  readonly untilMs: number | null;
  /** What the worker did after this run time is not in the figures. */
  readonly measuredUntilMs: number;
  /** Virtual users it had at work by its last window; 0 when it sent none. */
  readonly users: number;
  /** How the process ended. */
  readonly reason: string;
}

/** How well the load generator itself kept up. */
export interface GeneratorHealth {
  /** True when the generator, not the target, limited the run; the verdict is then `inconclusive`. */
  readonly saturated: boolean;
  /** Why it counts as saturated, one sentence each; empty when it does not. */
  readonly reasons: readonly string[];
  readonly cpu: TrendValues;
  readonly eventLoopDelayMs: TrendValues;
  readonly scheduleLagMs: TrendValues;
  readonly gcPauseMs: TrendValues;
  readonly droppedIterations: number;
  /** One entry per process: a worker that was lost and replaced has several. */
  readonly workers: readonly WorkerHealth[];
  /** Ascending by `fromMs`. */
  readonly gaps: readonly WorkerGap[];
}

export interface RunEnvironment {
  /** Name given by `--env`, or `local`. */
  readonly name: string;
  readonly plimsoll: string;
  readonly node: string;
  readonly os: string;
  readonly cpuModel: string;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly ci: boolean;
}

/** Says that a record was rebuilt from the journal of a run, and what it lacks. */
export interface Recovery {
  /** The coordinator was killed under load; else the load had ended and only the record was not written. */
  readonly killed: boolean;
  /** Run time up to which there are figures. */
  readonly untilMs: number;
  /** One sentence each. */
  readonly missing: readonly string[];
}

export interface RunRecord {
  readonly schemaVersion: typeof runRecordSchemaVersion;
  readonly id: string;
  readonly suite: string;
  readonly profile: string;
  readonly environment: RunEnvironment;
  readonly target: { readonly baseUrl: string | null };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** True when the run was stopped from outside before its plan was done. */
  readonly interrupted: boolean;
  /** What ended the run for safety: it was not contacted. The exit code is then 4. */
  readonly refusal?: Refusal;
  /** Absent: the run wrote its record itself, or nothing was lost. */
  readonly recovery?: Recovery;
  readonly plan: Plan;
  readonly generator: GeneratorHealth;
  /** By `seriesKey`: each metric as a whole, each threshold's series, and the series of each task and endpoint. */
  readonly metrics: Readonly<Record<string, MetricEntry>>;
  /** One for each of `plan.thresholds`, in their order; absent in records of versions that had no such list. */
  readonly thresholds?: readonly ThresholdOutcome[];
  /** The most overdue first; absent when nothing was cut off, and in records of versions that did not tell. */
  readonly cutOff?: readonly CutOffWork[];
  readonly timeline: readonly TimelineWindow[];
  /** Scenarios and their stages, in the order of the plan; absent where there is one without stages, and in searches. */
  readonly phases?: readonly PhaseRecord[];
  /** Times of constant load, ascending; absent where none lasts 30 s. */
  readonly steady?: readonly SteadyRecord[];
  /** By name; absent when the plan has none. */
  readonly comparisons?: Readonly<Record<string, ComparisonResult>>;
  /** By monitor name. */
  readonly monitors: Readonly<Record<string, MonitorRecord>>;
  /** In the order of the plan; absent when it has none. */
  readonly alerts?: readonly AlertRecord[];
  /** In the order of the plan; absent when it has none. */
  readonly faults?: readonly FaultRecord[];
  /** Present where there are faults. */
  readonly operationCourse?: OperationCourse;
  /** What became of the data of each output; absent when there was none. */
  readonly outputs?: readonly OutputTally[];
  /** What came of `--compare-baseline`; absent without it. */
  readonly baseline?: BaselineCheck;
  /** What became of the rows of each feeder, in the order of the plan; absent when it has none. */
  readonly data?: readonly FeederRecord[];
  readonly checks: readonly CheckResult[];
  readonly errors: readonly ErrorGroup[];
  readonly findings: readonly Finding[];
  /** The most pressing first; absent when there are none. */
  readonly recommendations?: readonly Recommendation[];
  readonly verdict: Verdict;
  /** Absent when the plan has no objectives. */
  readonly compliance?: Compliance;
}

/** What comes of the windows of workers and of what monitors tell, once it is judged. */
export type JudgedRun = Pick<
  RunRecord,
  | 'metrics'
  | 'cutOff'
  | 'timeline'
  | 'phases'
  | 'steady'
  | 'checks'
  | 'comparisons'
  | 'monitors'
  | 'alerts'
  | 'faults'
  | 'operationCourse'
> & { readonly thresholds: readonly ThresholdOutcome[] };

/** A record before analysis has read it. */
export type Measurements = Omit<RunRecord, 'findings' | 'recommendations' | 'verdict' | 'compliance'>;
