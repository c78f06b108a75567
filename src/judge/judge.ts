// The door of this folder: says of a run whether it holds what was asked of it, while it goes on and at its end. Pure but
// for its own state, so that a run that is recovered from its journal is judged as it was live. Whoever drives a run gives
// it a collector to look at, and asks.

import type { MeasuredRun } from '../metrics/collector.ts';
import type { MeasuredEntry } from '../metrics/metric-entries.ts';
import type { Standing } from '../metrics/standing.ts';
import type { AlertTransition } from '../model/alert.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { LiveProgress } from '../model/progress.ts';
import type { JudgedRun, MetricEntry } from '../model/run-record.ts';
import { AlertWatch } from './alert-watch.ts';
import { judgeComparisons } from './comparisons.ts';
import { FloorWatch } from './floor-watch.ts';
import { findGoodputKept } from './goodput.ts';
import { findOutages, recoveryTimesMs } from './outages.ts';
import { type Judged, judgeFloorsOfSteps } from './search-floors.ts';
import { findSpikes, spikeRecoveryTimesMs } from './spikes.ts';
import { ThresholdOutcomes } from './threshold-outcomes.ts';
import { isBroken } from './thresholds.ts';

export interface Judge {
  /** The alerts that begin, change or end with what has come in so far. */
  alerts(): AlertTransition[];
  /** The alerts that are firing now. */
  firing(): LiveProgress['alerts'];
  /** Marks the alerts that are critical now, and may end the run, as having ended it. */
  endedByAlerts(): void;
  /**
   * The `abortOnFail` thresholds that are broken now, and may end the run: of the load by what all workers have told of,
   * of monitors at this run time or that of the newest that came in. Thresholds of the first answer that is not empty are
   * marked as having ended it.
   */
  breachedAborts(elapsedMs: number): ThresholdPlan[];
  /** Whether a threshold is broken, or a critical alert is firing, as things stand. */
  standsBadly(): boolean;
  /** All of it; call once. `stoppedEarly` says that the run was ended from outside. */
  finish(measured: MeasuredRun, stoppedEarly?: boolean): JudgedRun;
}

/** Judges a run by its plan. `standing` is how it stands while it goes on. */
export function createJudge(plan: Plan, standing: Standing): Judge {
  const watch = new AlertWatch(plan.alerts ?? []);
  const floors = new FloorWatch(plan);
  const aborting = plan.thresholds.filter(({ abortOnFail }) => abortOnFail);
  let abortedBy: readonly ThresholdPlan[] = [];
  let endedByAlert = false;

  function judgeAll(entries: readonly MeasuredEntry[], stoppedEarly: boolean): Judged {
    const outcomes = new ThresholdOutcomes(plan.thresholds, abortedBy, stoppedEarly);
    const metrics = entries.map(({ key, entry, subject }): [string, MetricEntry] => {
      const thresholds = subject && outcomes.judge(key, subject);
      return [key, thresholds === undefined ? entry : { ...entry, thresholds }];
    });
    return { metrics: Object.fromEntries(metrics), thresholds: outcomes.all() };
  }

  function isBreached(threshold: ThresholdPlan, elapsedMs: number): boolean {
    const { metric, delayAbortEvalMs } = threshold;
    const isOfLoad = !standing.isWatched(metric);
    // The load is judged up to where all workers have told of it: some are ahead, and monitors are, too.
    const untilMs = isOfLoad ? standing.loadUntilMs() : elapsedMs;
    if (isOfLoad && untilMs === 0) return false;
    if (untilMs < delayAbortEvalMs || floors.has(threshold, standing.typeOf(metric))) return false;
    return isBroken(threshold, standing.subjectOf(threshold));
  }

  return {
    alerts: () => watch.look((condition) => standing.figureOf(condition), standing.newestMs()),
    firing: () => watch.firing(),

    endedByAlerts() {
      endedByAlert = true;
      watch.endedRun();
    },

    breachedAborts(givenMs) {
      const elapsedMs = Math.max(givenMs, standing.newestMs());
      const broken = aborting
        .filter((threshold) => isBreached(threshold, elapsedMs))
        .concat(floors.broken(standing.loadUntilMs(), () => judgeAll(standing.entries(), endedByAlert)));
      if (abortedBy.length === 0) abortedBy = broken;
      return broken;
    },

    standsBadly: () =>
      watch.firing().some(({ level }) => level === 'critical') ||
      plan.thresholds.some((threshold) => isBroken(threshold, standing.subjectOf(threshold))),

    finish(measured, stoppedEarly = false) {
      const { durationMs, timeline, checks, monitors, cutOff, compared, phases, steady, faults } = measured;
      const goodput = findGoodputKept({ plan, timeline });
      const made = {
        recovery_time: recoveryTimesMs(findOutages({ plan, timeline })),
        spike_recovery_time: spikeRecoveryTimesMs(findSpikes({ plan, timeline })),
        goodput_kept: goodput === undefined ? [] : [goodput.ratio],
      };
      const judged = judgeAll(measured.entries(made), stoppedEarly || endedByAlert);
      return {
        ...judgeFloorsOfSteps(plan, judged, durationMs),
        ...(cutOff !== undefined && { cutOff }),
        timeline,
        ...(phases.length > 0 && { phases }),
        ...(steady.length > 0 && { steady }),
        ...faults,
        checks,
        ...(compared.length > 0 && { comparisons: judgeComparisons(compared) }),
        monitors,
        ...(plan.alerts !== undefined && {
          alerts: watch.records((condition) => standing.wasRecorded(condition)),
        }),
      };
    },
  };
}
