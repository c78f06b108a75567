// The flags of `run` and `inspect`, and what they mean for a plan.

import { availableParallelism } from 'node:os';
import type { ExpectedUsers } from '../model/capacity-plan.ts';
import type { Overrides } from '../plan/overrides.ts';
import type { LogLevel } from '../store/run-log.ts';

/** Flags that change a profile's load, as commander gives them; durations are already ms. */
export interface LoadFlags {
  readonly users?: number;
  readonly ops?: number;
  readonly duration?: number;
  readonly compress?: number;
  readonly spawnRate?: number;
  readonly rampUp?: number;
  readonly thinkTime?: number;
  readonly rate?: number;
  readonly pattern?: string;
  readonly baseUrl?: string;
  readonly env?: string;
  readonly tag?: Readonly<Record<string, string>>;
  readonly workers?: number;
  readonly seed?: number;
}

/** The flags of `run`. */
export interface RunFlags extends LoadFlags {
  readonly profile?: readonly string[];
  readonly all?: boolean;
  readonly fullSuite?: boolean;
  /** ms; what all profiles together may take. */
  readonly budget?: number;
  readonly marker?: string;
  readonly quick?: boolean;
  readonly quickTest?: boolean;
  readonly stress?: boolean;
  readonly scenario?: readonly string[];
  readonly test?: readonly string[];
  /** The same as `users` and as `rate`. */
  readonly connections?: number;
  readonly qps?: number;
  readonly repeat?: number;
  readonly compareBaseline?: boolean;
  readonly baselineFile?: string;
  /** As in `BaselineFlags`. */
  readonly map?: readonly string[];
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly allowFaults?: boolean;
  readonly skipCleanup?: boolean;
  readonly withTarget?: boolean;
  readonly abortOnFail?: boolean;
  readonly out?: string;
  readonly export?: string;
  readonly formats?: string;
  /** `KIND=ADDRESS`, each an output. */
  readonly send?: readonly string[];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly loglevel?: LogLevel;
  readonly color?: boolean;
}

/** The flags of `doctor`. */
export interface DoctorFlags
  extends Pick<LoadFlags, 'rate' | 'baseUrl' | 'env' | 'workers'>,
    Pick<RunFlags, 'profile' | 'all' | 'marker' | 'withTarget' | 'force' | 'out' | 'color'> {
  readonly json?: boolean;
}

/** The flags of `monitor`; durations are ms. */
export interface MonitorFlags
  extends Pick<LoadFlags, 'duration' | 'baseUrl' | 'env'>,
    Pick<RunFlags, 'out' | 'formats' | 'send' | 'quiet' | 'color'> {
  readonly interval?: number;
  readonly profile?: string;
  readonly process?: readonly string[];
  readonly postgres?: readonly string[];
  readonly redis?: readonly string[];
  readonly http?: readonly string[];
  readonly nodeExporter?: readonly string[];
  readonly prometheus?: readonly string[];
  readonly reportFile?: string;
}

export interface AnalyzeFlags extends Pick<RunFlags, 'color'> {
  readonly json?: boolean;
  readonly reportFile?: string;
  /** Loads that an estimate is wanted at. */
  readonly at?: readonly number[];
  /** Mean time of an iteration in ms. */
  readonly target?: number;
  readonly instances?: number;
  /** Users at the same time today. */
  readonly users?: number;
  /** A share of growth in a month. */
  readonly growth?: number;
  readonly expect?: readonly ExpectedUsers[];
  /** A file with a policy; `true`: the one of the run's suite. */
  readonly scaling?: string | true;
  readonly exportHpa?: string;
  readonly exportKeda?: string;
}

/** The flags of `compare`; changes are shares, percentiles 0..100. */
export interface CompareFlags
  extends Pick<
    RunFlags,
    | 'color'
    | 'out'
    | 'users'
    | 'duration'
    | 'rate'
    | 'env'
    | 'workers'
    | 'seed'
    | 'repeat'
    | 'force'
    | 'verbose'
  > {
  /** The sides are suites, base URLs or environments, to be run in turn. */
  readonly run?: boolean;
  /** What is run against base URLs or in environments. */
  readonly suite?: string;
  /** ms; the most that all runs together may take. */
  readonly timeLimit?: number;
  /** Folder of the runs' results. */
  readonly results?: string;
  readonly profile?: string;
  readonly minChange?: number;
  readonly minFailed?: number;
  readonly percentiles?: readonly number[];
  readonly runNoise?: number;
  readonly allow?: readonly string[];
  readonly format?: string;
}

/** The flags of the commands of `baseline`. */
export interface BaselineFlags extends Omit<CompareFlags, 'percentiles'> {
  readonly file?: string;
  readonly reason?: string;
  /** `NAME=PART`: what names in a file of another tool stand for. */
  readonly map?: readonly string[];
}

/** The flags of `history`; changes are shares. */
export interface HistoryFlags
  extends Pick<CompareFlags, 'profile' | 'minChange' | 'minFailed' | 'allow' | 'format' | 'out' | 'color'> {
  readonly env?: string;
  readonly json?: boolean;
  readonly failOnDegradation?: boolean;
}

/** The flags of `capacity`; durations are ms, `precision` is a share. */
export interface CapacityFlags
  extends Pick<LoadFlags, 'thinkTime' | 'baseUrl' | 'env' | 'tag' | 'workers' | 'seed'>,
    Pick<RunFlags, 'force' | 'out' | 'export' | 'formats' | 'quiet' | 'verbose' | 'color' | 'withTarget'> {
  readonly profile?: string;
  readonly unit?: 'users' | 'rate';
  readonly from: number;
  readonly to: number;
  readonly stepDuration: number;
  readonly precision: number;
}

/** The flags of `explain`; durations are ms. */
export interface ExplainFlags
  extends Pick<LoadFlags, 'users' | 'rate' | 'baseUrl' | 'env' | 'tag' | 'workers' | 'seed'>,
    Pick<RunFlags, 'force' | 'out' | 'quiet' | 'color' | 'withTarget'> {
  readonly profile?: string;
  readonly time: number;
  readonly runLength: number;
}

/** One core is left to the coordinator and, on one machine, to the target. */
export function workerCount(flags: Pick<LoadFlags, 'workers'>): number {
  return flags.workers ?? Math.max(1, availableParallelism() - 1);
}

export function overridesOf(
  flags: LoadFlags & Pick<RunFlags, 'abortOnFail' | 'connections' | 'qps'>,
): Overrides {
  const { users = flags.connections, rate = flags.qps } = flags;
  return {
    ...(users !== undefined && { users }),
    ...(flags.ops !== undefined && { ops: flags.ops }),
    ...(flags.duration !== undefined && { durationMs: flags.duration }),
    ...(flags.spawnRate !== undefined && { spawnRatePerSec: flags.spawnRate }),
    ...(flags.compress !== undefined && { compress: flags.compress }),
    ...(flags.rampUp !== undefined && { rampUpMs: flags.rampUp }),
    ...(flags.thinkTime !== undefined && { thinkTimeMs: flags.thinkTime }),
    ...(rate !== undefined && { ratePerSec: rate }),
    ...(flags.pattern !== undefined && { pattern: flags.pattern }),
    ...(flags.baseUrl !== undefined && { baseUrl: flags.baseUrl }),
    ...(flags.tag !== undefined && { tags: flags.tag }),
    ...(flags.abortOnFail !== undefined && { abortOnFail: flags.abortOnFail }),
  };
}
