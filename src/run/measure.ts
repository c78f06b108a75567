// What a session measures of one load, or of a watch without load: everything told is masked, kept in the journal, counted,
// passed on to companions, and looked at for what may end the load. drive.ts and watch-only.ts feed it.

import { createJudge } from '../judge/judge.ts';
import { maskData } from '../masking/mask.ts';
import { maskWindow } from '../masking/mask-window.ts';
import { createCollector } from '../metrics/collector.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { FaultReport } from '../model/fault.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';
import type { LiveProgress } from '../model/progress.ts';
import type { JudgedRun, WorkerGap, WorkerHealth } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { packageVersion } from '../model/version.ts';
import { formatDuration } from '../time/duration.ts';
import type { Companion } from './companion.ts';
import { createObserver } from './observe.ts';
import type { Session } from './session.ts';

export interface Measure {
  /** Run time 0 is where `now` reads 0. */
  started(now: () => number): void;
  window(window: MetricWindow, errors: readonly ErrorGroup[]): void;
  report(report: MonitorReport): void;
  /** Something was done to the system. */
  fault(report: FaultReport): void;
  finding(finding: Finding): void;
  gaps(gaps: readonly WorkerGap[]): void;
  data(feeders: readonly FeederRecord[]): void;
  /** Tells whoever shows the run how it goes. */
  progress(): void;
  /** The load ends, or has ended: what shows only from now on does not end it. */
  ending(): void;
  /**
   * Whether there is something to ask why of, as things stand: a threshold is broken, a critical alert is firing, or more than 1 %
   * of the operations failed and no threshold is on failures. Steps of a search are meant to break.
   */
  wentBadly(): boolean;
  /** The load has ended: companions that tell of it tell what is left. */
  finish(): Promise<void>;
  /** All is measured. `stoppedEarly`: the load was ended from outside. */
  ended(
    result: {
      readonly durationMs: number;
      readonly workers: readonly WorkerHealth[];
      readonly gaps: readonly WorkerGap[];
    },
    stoppedEarly: boolean,
  ): JudgedRun & { readonly errors: readonly ErrorGroup[]; readonly suiteFindings: readonly Finding[] };
}

export interface MeasureOptions {
  /** Masked. */
  readonly plan: Plan;
  /** Companions of this load alone, beside the session's. */
  readonly companions: readonly Companion[];
  /** A threshold or an alert asks for the end of the load; called once. */
  readonly abort: (reason: string) => void;
  /** Also told of everything that counts, masked. */
  readonly onWindow?: ((window: MetricWindow, errors: readonly ErrorGroup[]) => void) | undefined;
  readonly onMonitorReport?: ((report: MonitorReport) => void) | undefined;
}

/** More failures than this are worth a look where the suite does not say otherwise. */
const failedLimit = 0.01;

function isFailureJudged({ thresholds }: Plan): boolean {
  return thresholds.some(({ metric }) => metric.endsWith('_failed'));
}

function hasFailures({ operations }: Pick<LiveProgress, 'operations'>): boolean {
  return operations.some(({ failedRatio }) => failedRatio > failedLimit);
}

export function createMeasure(session: Session, options: MeasureOptions): Measure {
  const { plan } = options;
  const { journal, log, onEvent } = session;
  const companions = [...session.companions, ...options.companions];
  const collector = createCollector(plan, (message) => session.tell('warn', message));
  const judge = createJudge(plan, collector);
  const errors = createErrorCollector();
  const suiteFindings: Finding[] = [];
  const { abort } = options;
  const observer = createObserver(plan, { collector, judge, journal, companions, log, onEvent, abort });
  const progress = (): void => {
    onEvent({ kind: 'progress', plan, progress: { ...collector.progress(), alerts: judge.firing() } });
  };
  return {
    started(now) {
      journal.started();
      const { suite, profile, baseUrl: target } = plan;
      log.write('info', 'started', { suite, profile, target, plimsoll: packageVersion });
      onEvent({ kind: 'started', plan, runDir: session.runDir });
      for (const companion of companions) companion.start(now);
    },
    window(unmasked, groups) {
      const window = maskWindow(unmasked);
      const deltas = maskData(groups);
      journal.window(window, deltas);
      options.onWindow?.(window, deltas);
      collector.accept(window);
      for (const { hears } of companions) hears?.window?.(window);
      errors.accept(deltas);
      progress();
      observer.judge(window.endAtMs);
    },
    report(unmasked) {
      const report = maskData(unmasked);
      options.onMonitorReport?.(report);
      observer.report(report);
    },
    fault(unmasked) {
      const report = maskData(unmasked);
      journal.fault(report);
      collector.observeFault(report);
      tellFault(session, plan, report);
    },
    finding(unmasked) {
      const finding = maskData(unmasked);
      journal.finding(finding);
      suiteFindings.push(finding);
    },
    gaps: (gaps) => journal.gaps(gaps),
    data: (feeders) => journal.data(feeders),
    progress,
    ending: () => observer.ending(),
    wentBadly: () =>
      plan.search === undefined &&
      (judge.standsBadly() || (!isFailureJudged(plan) && hasFailures(collector.progress()))),
    async finish() {
      observer.ending();
      await Promise.all(companions.map((companion) => companion.finish()));
    },
    ended(result, stoppedEarly) {
      const { durationMs, workers, gaps } = result;
      journal.ended({ durationMs, workers, gaps });
      log.write('info', 'ended', { durationMs: result.durationMs });
      const judged = judge.finish(collector.finish(result.durationMs), stoppedEarly);
      return { ...judged, errors: errors.finish(), suiteFindings };
    },
  };
}

/** While it goes on: what was done to the system, and what could not be. */
function tellFault(session: Session, { faults = [] }: Plan, report: FaultReport): void {
  const { title, on } = faults.find(({ name }) => name === report.fault)!;
  const at = formatDuration(Math.max(0, report.atMs));
  if (report.kind === 'begun') session.tell('info', `fault at ${at}: ${title} (${on})`);
  else if (report.kind === 'ended') session.tell('info', `fault over at ${at}: ${title}`);
  else {
    const what = report.phase === 'begin' ? 'could not be begun' : 'could not be taken back';
    session.tell('error', `the fault ${title} ${what}: ${report.reason}`);
  }
}
