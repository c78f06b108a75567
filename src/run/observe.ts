// What follows from each thing that monitors tell: it is kept, passed on, and alerts are looked at. measure.ts makes one
// for each load.

import type { Judge } from '../judge/judge.ts';
import type { Collector } from '../metrics/collector.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';
import type { Journal } from '../store/journal.ts';
import type { RunLog } from '../store/run-log.ts';
import type { Companion } from './companion.ts';
import type { RunEvent } from './run-event.ts';

export interface Observer {
  /** Takes in what a monitor tells, masked. */
  report(report: MonitorReport): void;
  /** Looks at alerts and at thresholds that may end the run, at this run time. */
  judge(elapsedMs: number): void;
  /** The run is over, or ended by somebody else: what shows only from now on does not end it. */
  ending(): void;
}

export interface ObserverParts {
  readonly collector: Pick<Collector, 'observe'>;
  readonly judge: Judge;
  readonly journal: Journal | undefined;
  readonly companions: readonly Companion[];
  readonly log: RunLog;
  readonly onEvent: (event: RunEvent) => void;
  /** A threshold or an alert asks for the end of the run; called once. */
  readonly abort: (reason: string) => void;
}

export function createObserver(
  plan: Plan,
  { collector, judge, journal, companions, log, onEvent, abort }: ObserverParts,
): Observer {
  let isEnding = false;
  const end = (by: 'threshold' | 'alert', reason: string): void => {
    isEnding = true;
    journal?.stopping(by);
    abort(reason);
  };
  const lookAtAlerts = (): void => {
    for (const change of judge.alerts()) {
      const transition = { ...change, abort: change.abort && !isEnding };
      const { alert, title, state, level, figures } = transition;
      const logLevel = level === 'critical' && state === 'firing' ? 'error' : 'warn';
      log.write(logLevel, `alert ${alert} ${state}`, { title, level, figures });
      onEvent({ kind: 'alert', plan, transition });
      for (const { hears } of companions) hears?.alert?.(transition);
      if (!transition.abort) continue;
      judge.endedByAlerts();
      end('alert', `alert ${alert} is critical: ${title}`);
    }
  };
  const judgeAt = (elapsedMs: number): void => {
    lookAtAlerts();
    const [breached] = isEnding ? [] : judge.breachedAborts(elapsedMs);
    if (breached === undefined) return;
    end('threshold', `threshold ${breached.metric}: ${breached.expression} does not hold`);
  };
  const logReport = reportLogger(log);
  return {
    judge: judgeAt,
    ending() {
      isEnding = true;
    },
    report(report) {
      journal?.monitor(report);
      collector.observe(report);
      for (const { hears } of companions) hears?.monitor?.(report);
      logReport(report);
      judgeAt(report.kind === 'sample' ? report.sample.atMs : report.atMs);
    },
  };
}

/** Logs what is worth a line: where gaps begin and end, and events; not readings. */
function reportLogger(log: RunLog): (report: MonitorReport) => void {
  const failing = new Set<string>();
  return (report) => {
    if (report.kind === 'failure') {
      const { monitor, atMs, reason } = report;
      if (!failing.has(monitor)) log.write('warn', `monitor ${monitor} could not be read`, { atMs, reason });
      failing.add(monitor);
    } else if (report.kind === 'sample') {
      const { monitor, atMs } = report.sample;
      if (failing.delete(monitor)) log.write('info', `monitor ${monitor} can be read again`, { atMs });
    } else if (report.kind === 'event') {
      log.write('info', `monitor ${report.monitor}: ${report.text}`, { atMs: report.atMs });
    }
  };
}
