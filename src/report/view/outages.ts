// Outages as the reports show them: their rows as text.

import { failedText } from '../../analysis/outage-findings.ts';
import { findOutages } from '../../judge/outages.ts';
import type { Outage } from '../../model/outage.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';

export const outageTitles = ['Began', 'Ended', 'Time to recovery', 'Failed in it'] as const;

/** The outages of a run, ascending by time. */
export function outageRows(record: RunRecord): readonly Outage[] {
  return findOutages(record);
}

/** The cells of a row, one text per title. */
export function outageTexts(outage: Outage): string[] {
  const { fromMs, untilMs, lengthMs } = outage;
  const length = formatDuration(lengthMs);
  return [
    formatDuration(fromMs),
    untilMs === null ? 'not within the run' : formatDuration(untilMs),
    untilMs === null ? `over ${length}` : length,
    failedText(outage),
  ];
}
