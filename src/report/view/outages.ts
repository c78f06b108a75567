// Outages as the reports show them: their section.

import { failedText } from '../../analysis/outage-findings.ts';
import { findOutages } from '../../judge/outages.ts';
import type { Outage } from '../../model/outage.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount } from '../format-values.ts';
import { figure, figureColumn, row, table, text, textColumn } from './cells.ts';
import type { Section } from './section.ts';

/** The outages of a run, ascending by time. */
export function outageRows(record: RunRecord): readonly Outage[] {
  return findOutages(record);
}

/** Without blocks for a run without an outage. */
export function outagesSection(record: RunRecord): Section {
  const outages = outageRows(record);
  const columns = [
    ...['Began', 'Ended', 'Time to recovery'].map((title) => figureColumn(title)),
    textColumn('Failed in it', { width: 48 }),
  ];
  const rows = outages.map((one) =>
    row(
      figure(one.fromMs, 'duration'),
      figure(
        one.untilMs ?? Number.MAX_SAFE_INTEGER,
        'duration',
        one.untilMs === null ? { text: 'not within the run' } : {},
      ),
      figure(
        one.lengthMs,
        'duration',
        one.untilMs === null ? { text: `over ${formatDuration(one.lengthMs)}` } : {},
      ),
      text(failedText(one)),
    ),
  );
  const limits = { terminal: 30, document: 10 };
  return {
    id: 'outages',
    title: 'Outages',
    ...(outages.length > 0 && { summary: formatCount(outages.length) }),
    summaryRooms: ['terminal'],
    blocks: outages.length === 0 ? [] : [table('Outages', columns, rows, { limits })],
  };
}
