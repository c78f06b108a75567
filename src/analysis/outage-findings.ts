// The findings about outages, and what one that never ended means for a threshold on `recovery_time`.

import { findOutages } from '../judge/outages.ts';
import { type OperationKind, operationMetrics } from '../model/operation.ts';
import type { Outage } from '../model/outage.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** So many get a finding of their own, the longest of them; reports list all in a table. */
const toldCount = 5;

/** One finding per outage, in order of time. They warn, but by themselves decide no verdict. */
export function findOutageFindings(measured: Measurements): Finding[] {
  const outages = findOutages(measured);
  const told = new Set([...outages].sort((a, b) => b.lengthMs - a.lengthMs).slice(0, toldCount));
  const resolutionMs = measured.timeline[0]?.endAtMs ?? 0;
  return outages
    .filter((one) => told.has(one))
    .map((outage) => ({
      kind: 'outage',
      severity: 'warning',
      title: titleOf(outage),
      detail: detailOf(outage, resolutionMs),
      evidence: evidenceOf(outage),
      advice: adviceOf(outage),
    }));
}

/** For the verdict: a threshold on `recovery_time` cannot be judged when there was no recovery to measure. */
export function unjudgedRecovery(measured: Measurements): string[] {
  if (!measured.plan.thresholds.some(({ metric }) => metric === 'recovery_time')) return [];
  return findOutages(measured)
    .filter(({ untilMs }) => untilMs === null)
    .map(
      ({ fromMs, lengthMs }) =>
        `recovery_time cannot be judged: the outage that began at ${formatDuration(fromMs)} had not ended when the run did, ${formatDuration(lengthMs)} later.`,
    );
}

/** `1,234 statements, 20 iterations`; `no operation` for a target that answered nothing at all. */
export function failedText({ failed }: Pick<Outage, 'failed'>): string {
  const parts = Object.entries(failed).map(([kind, count]) =>
    formatCount(count, operationMetrics[kind as OperationKind].noun),
  );
  return parts.length === 0 ? 'no operation' : parts.join(', ');
}

function titleOf({ fromMs, untilMs, lengthMs }: Outage): string {
  const from = `Outage at ${formatDuration(fromMs)}`;
  return untilMs === null
    ? `${from}: no recovery within the ${formatDuration(lengthMs)} that were left`
    : `${from}: recovered after ${formatDuration(lengthMs)}`;
}

function detailOf(outage: Outage, resolutionMs: number): string {
  const { fromMs, untilMs } = outage;
  const what =
    Object.keys(outage.failed).length === 0
      ? 'everything stopped while users were at work'
      : 'at least half of the operations failed, or all stopped';
  const end =
    untilMs === null
      ? 'the run ended before three intervals in a row were as before.'
      : `at ${formatDuration(untilMs)} the first of three intervals in a row was as before.`;
  return `From ${formatDuration(fromMs)} on ${what}; ${end} In it ${failedText(outage)} failed. Times are whole intervals of the timeline, ${formatDuration(resolutionMs)} each: it may have been up to two of them shorter.`;
}

function evidenceOf({ fromMs, untilMs, lengthMs, failed }: Outage): Evidence[] {
  return [
    { name: 'began', value: fromMs, unit: 'ms' },
    ...(untilMs === null
      ? [{ name: 'seen for', value: lengthMs, unit: 'ms' }]
      : [
          { name: 'ended', value: untilMs, unit: 'ms' },
          { name: 'recovery_time', value: lengthMs, unit: 'ms' },
        ]),
    ...Object.entries(failed).map(([kind, value]) => ({
      name: `failed ${operationMetrics[kind as OperationKind].noun}s`,
      value,
      unit: 'count',
    })),
  ];
}

function adviceOf({ fromMs, untilMs }: Outage): string {
  const look = `Check what the target did from ${formatDuration(fromMs)} on, unless the failure was intended.`;
  return untilMs === null
    ? `${look} Let the run go on for longer to see it recover.`
    : `${look} A threshold on recovery_time holds it to a limit.`;
}
