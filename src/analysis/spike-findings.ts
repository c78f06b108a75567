// The findings about spikes of the load and about goodput at the highest load, and what a spike without recovery means for
// a threshold on `spike_recovery_time`. Called by analyse.ts and verdict.ts.

import { findGoodputKept } from '../judge/goodput.ts';
import { findSpikes } from '../judge/spikes.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Spike } from '../model/spike.ts';
import type { Finding } from '../model/verdict.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** What is kept of the goodput is told below this. */
const collapseBelow = 0.8;
/** Findings, at the most. */
const toldCount = 5;

/** One per spike, in order of time, and one where goodput falls beyond its greatest. They decide no verdict. */
export function findSpikeFindings(measured: Measurements): Finding[] {
  if (measured.generator.saturated) return [];
  const spikes = findSpikes(measured).slice(0, toldCount).map(spikeFinding);
  return [...spikes, ...goodputFinding(measured)];
}

/** For the verdict: such a threshold is judged by the least that the time can be, which may be too little. */
export function unjudgedSpikes(measured: Measurements): string[] {
  if (!measured.plan.thresholds.some(({ metric }) => metric === 'spike_recovery_time')) return [];
  return findSpikes(measured)
    .filter(({ recoveryMs }) => recoveryMs === null)
    .map(
      ({ untilMs, seenMs }) =>
        `spike_recovery_time cannot be judged: the target had not recovered from the spike that was over at ${formatDuration(untilMs)} within the ${formatDuration(seenMs)} that were left.`,
    );
}

function spikeFinding(spike: Spike): Finding {
  const { fromMs, untilMs, recoveryMs, seenMs, usualMs, limitMs, failedLimit, unit } = spike;
  const load = (value: number): string => formatFigure(Math.round(value), unit);
  const end =
    recoveryMs === null
      ? `In the ${formatDuration(seenMs)} after it no three intervals in a row were as before.`
      : `The first of three intervals in a row that were as before began ${formatDuration(recoveryMs)} after it.`;
  return {
    kind: 'spike',
    severity: recoveryMs === null ? 'warning' : 'info',
    title:
      recoveryMs === null
        ? `Spike until ${formatDuration(untilMs)}: no recovery within the ${formatDuration(seenMs)} that were left`
        : `Spike until ${formatDuration(untilMs)}: recovered after ${formatDuration(recoveryMs)}`,
    detail: `The load rose from ${load(spike.baseLoad)} to ${load(spike.peakLoad)} and was back at ${formatDuration(untilMs)}; it had begun to rise at ${formatDuration(fromMs)}. As before means: the 95th percentile is at most ${formatFigure(limitMs, 'ms')} (${formatFigure(usualMs, 'ms')} was usual), and at most ${formatFigure(failedLimit, 'ratio')} failed. ${end}`,
    evidence: [
      { name: 'load before', value: spike.baseLoad, unit },
      { name: 'greatest load', value: spike.peakLoad, unit },
      recoveryMs === null
        ? { name: 'seen for', value: seenMs, unit: 'ms' }
        : { name: 'spike_recovery_time', value: recoveryMs, unit: 'ms' },
      { name: 'usual p(95)', value: usualMs, unit: 'ms', limit: limitMs },
    ],
    ...(recoveryMs === null && {
      advice:
        'Look for what is left of the spike: queues that drain slowly, connections and caches that were lost, retries, garbage collection. Let the run go on for longer to see it recover.',
    }),
  };
}

function goodputFinding(measured: Measurements): Finding[] {
  const kept = findGoodputKept(measured);
  if (kept === undefined || kept.ratio >= collapseBelow) return [];
  const { ratio, greatest, atHighest, highestLoad, loadAtGreatest, unit } = kept;
  const load = (value: number): string => formatFigure(Math.round(value), unit);
  return [
    {
      kind: 'degradation',
      severity: 'warning',
      title: `At the highest load ${formatFigure(ratio, 'ratio')} of the greatest goodput was left`,
      detail: `The most operations without failures, ${formatFigure(greatest, 'per s')}, were made at ${load(loadAtGreatest)}; at ${load(highestLoad)} they were ${formatFigure(atHighest, 'per s')}. A target that degrades gracefully keeps what it can do.`,
      evidence: [
        { name: 'goodput_kept', value: ratio, unit: 'ratio', limit: collapseBelow },
        { name: 'greatest goodput', value: greatest, unit: 'per s' },
        { name: 'goodput at the highest load', value: atHighest, unit: 'per s' },
      ],
      advice:
        'Refuse or queue early what exceeds the capacity (limits on connections and queues, load shedding). A threshold on goodput_kept holds it to a share.',
    },
  ];
}
