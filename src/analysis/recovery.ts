// What it means for a record that it was rebuilt from a journal. Used by the verdict and the findings.

import type { Measurements, Recovery } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** How far the record goes, and what it lacks. */
export function recoverySentences({ plan }: Measurements, { killed, untilMs, missing }: Recovery): string[] {
  if (!killed) return ['The record was rebuilt from a journal that is not complete.', ...missing];
  const share = formatFigure(plan.durationMs > 0 ? Math.min(1, untilMs / plan.durationMs) : 1, 'ratio');
  // Users of a search do not know how long it will be, nor does its plan.
  const planned =
    plan.search?.adaptive === undefined ? ` of ${formatDuration(plan.durationMs)} planned (${share})` : '';
  return [
    `The coordinator was killed; the record was recovered from its journal up to ${formatDuration(untilMs)}${planned}.`,
    ...missing,
  ];
}

/** At most one finding. */
export function findRecovery(measured: Measurements): Finding[] {
  const { recovery } = measured;
  if (recovery === undefined) return [];
  return [
    {
      kind: 'coordinator-lost',
      severity: 'warning',
      title: recovery.killed ? 'The coordinator was killed' : 'A part of the record is lost',
      detail: recoverySentences(measured, recovery).join(' '),
      evidence: [{ name: 'recovered up to', value: recovery.untilMs, unit: 'ms' }],
      advice: recovery.killed
        ? 'Look for what ended the process (memory running out, a time limit of the CI job), and run again.'
        : 'Free space where results go, and run again.',
    },
  ];
}
