// Finds out by short experiments what slows a load down. A path over run-profile.ts, called by `plimsoll explain`: one run
// to warm up, then rounds in each of which every experiment is driven once, in an order that is drawn anew.

import { join } from 'node:path';
import { timeSharesOf, unusableReason } from '../analysis/experiment-times.ts';
import { type ExperimentRun, explainLoad } from '../analysis/explanation.ts';
import { UsageError } from '../model/errors.ts';
import type { Explanation } from '../model/explanation.ts';
import type { Plan } from '../model/plan.ts';
import { type Experiment, experimentsOf, steadyPlan, type TimeShares } from '../plan/experiments.ts';
import { fewestPairs } from '../stats/paired-ratio.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import { type RunOptions, runProfile } from './run-profile.ts';
import type { RunOutcome } from './write-reports.ts';

/** More rounds make the intervals narrower, but the answer hardly surer. */
const mostRounds = 12;
/** The load as it is, and two more. */
const fewestExperiments = 3;
/** Of the time: runs differ in how long they take. */
const reserveShare = 0.08;

export interface ExplainOptions extends Omit<RunOptions, 'formats' | 'alter' | 'engine' | 'outputs'> {
  /** The longest that all runs together may take. */
  readonly timeMs: number;
  /** Of the load of each run. */
  readonly runLengthMs: number;
  /** Called before each run; `leftMs` is about how long the rest takes. */
  readonly onRun: (run: {
    readonly name: string;
    readonly number: number;
    readonly count: number;
    readonly leftMs: number;
  }) => void;
  readonly say: (message: string) => void;
}

/** Throws what `runProfile` does, and a `UsageError` for a time that is too short. */
export async function explainSuite(options: ExplainOptions): Promise<Explanation> {
  const { suite, profile, seed, drainSignal, say } = options;
  const fewestRuns = 1 + fewestExperiments * fewestPairs;
  if (options.timeMs < fewestRuns * options.runLengthMs) {
    throw new UsageError(
      `the time of ${formatDuration(options.timeMs)} is too short: ${fewestRuns} runs of ${formatDuration(options.runLengthMs)} are needed at least`,
      { hint: 'give more --time, or a shorter --run-length' },
    );
  }
  const endAtMs = monotonicMs() + options.timeMs;
  const of = { suite: suite.definition.name, profile };
  let base: Plan | undefined;
  const alter = (plan: Plan): Plan => {
    base = steadyPlan(plan, options.runLengthMs);
    return base;
  };
  let warmUpAtMs = monotonicMs();
  let warmUp = await runExperiment(options, seed, alter);
  let trouble = unusableReason(warmUp.record);
  if (trouble !== undefined && !drainSignal.aborted) {
    say(`the first run says nothing, since ${trouble}; trying once more`);
    warmUpAtMs = monotonicMs();
    warmUp = await runExperiment(options, seed, alter);
    trouble = unusableReason(warmUp.record);
  }
  if (trouble !== undefined || base === undefined) {
    const { record: measured, runDir: folder } = warmUp;
    const experiment = 'the load as it is';
    return explainLoad(
      [{ name: experiment, kind: 'base' }],
      [{ experiment, round: 0, measured, folder }],
      of,
    );
  }
  const shares = timeSharesOf(warmUp.record);
  const runMs = monotonicMs() - warmUpAtMs;
  const { experiments, rounds } = fitting(
    experimentsOf(base, shares),
    shares,
    (endAtMs - monotonicMs()) * (1 - reserveShare),
    runMs,
    say,
  );
  const random = createRandom(seed, 'experiments');
  const count = experiments.length * rounds;
  const runs: ExperimentRun[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const { name, plan } of shuffled(experiments, random)) {
      if (drainSignal.aborted) return explainLoad(experiments, runs, of);
      if (monotonicMs() + runMs > endAtMs) {
        say(`the time is over in round ${round + 1} of ${rounds}: runs took longer than the first one`);
        return explainLoad(experiments, runs, of);
      }
      options.onRun({ name, number: runs.length + 1, count, leftMs: (count - runs.length) * runMs });
      const { record, runDir } = await runExperiment(options, seed + round + 1, (written) => ({
        ...plan,
        seed: written.seed,
        description: `Experiment: ${name}`,
      }));
      runs.push({ experiment: name, round, measured: record, folder: runDir });
    }
  }
  return explainLoad(experiments, runs, of);
}

function runExperiment(
  options: ExplainOptions,
  seed: number,
  alter: (plan: Plan) => Plan,
): Promise<RunOutcome> {
  const { timeMs: _time, runLengthMs: _length, onRun: _onRun, say: _say, ...run } = options;
  return runProfile({ ...run, seed, outDir: join(run.outDir, 'runs'), formats: ['json'], alter });
}

/**
 * As many experiments as five rounds have time for: the tasks that users spend the least time on are left out first. Throws
 * a `UsageError` when not even the load as it is, a tenth of it and one more have.
 */
function fitting(
  all: readonly Experiment[],
  shares: TimeShares,
  timeMs: number,
  runMs: number,
  say: (message: string) => void,
): { readonly experiments: readonly Experiment[]; readonly rounds: number } {
  const room = Math.floor(timeMs / runMs / fewestPairs);
  const needed = Math.min(all.length, fewestExperiments);
  if (room < needed) {
    const neededMs = runMs * (1 + needed * fewestPairs);
    throw new UsageError(
      `the time of ${formatDuration(Math.round(timeMs + runMs))} is too short: a run takes ${formatDuration(Math.round(runMs))}, and ${fewestPairs} rounds of at least ${needed} are needed`,
      {
        hint: `give at least --time ${formatDuration(Math.ceil(neededMs / 1000) * 1000)}, or a shorter --run-length`,
      },
    );
  }
  const byWorth = [...all].sort((a, b) => worthOf(b, shares) - worthOf(a, shares));
  const kept = new Set(byWorth.slice(0, room));
  const left = all.filter((one) => !kept.has(one));
  if (left.length > 0) {
    say(`there is no time for: ${left.map(({ name }) => name).join(', ')}; --time allows more`);
  }
  const experiments = all.filter((one) => kept.has(one));
  return { experiments, rounds: Math.min(mostRounds, Math.floor(timeMs / runMs / experiments.length)) };
}

/** What is compared with comes first, then what may be the cause, by its share of the users' time. */
function worthOf({ kind, without }: Experiment, shares: TimeShares): number {
  if (kind === 'base' || kind === 'light') return 4;
  if (kind === 'without-user') return 3;
  if (kind === 'connections') return 2;
  if (without?.task === undefined) return 1;
  return 1 + (shares.get(without.user)?.get(without.task) ?? 0.5);
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1));
    [order[i], order[k]] = [order[k]!, order[i]!];
  }
  return order;
}
