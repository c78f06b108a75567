// Spikes of the load as the reports show them: their section.

import { findSpikes } from '../../judge/spikes.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { figure, figureColumn, row, table } from './cells.ts';
import type { Section } from './section.ts';

/** Without blocks for a run without a spike. */
export function spikesSection(record: RunRecord): Section {
  const spikes = record.generator.saturated ? [] : findSpikes(record);
  const columns = [
    'Began',
    'Over',
    'Load before',
    'Greatest load',
    'Usual p95',
    'As before up to',
    'Time to recovery',
  ];
  const rows = spikes.map((one) =>
    row(
      figure(one.fromMs, 'duration'),
      figure(one.untilMs, 'duration'),
      figure(Math.round(one.baseLoad), one.unit),
      figure(Math.round(one.peakLoad), one.unit),
      figure(one.usualMs, 'ms'),
      figure(one.limitMs, 'ms'),
      one.recoveryMs === null
        ? figure(Number.MAX_SAFE_INTEGER, 'duration', {
            text: `over ${formatDuration(one.seenMs)}`,
            status: 'bad',
          })
        : figure(one.recoveryMs, 'duration'),
    ),
  );
  const limits = { terminal: 30, document: 10 };
  return {
    id: 'spikes',
    title: 'Recovery after spikes',
    blocks:
      rows.length === 0
        ? []
        : [
            table(
              'Recovery after spikes',
              columns.map((title) => figureColumn(title)),
              rows,
              { limits },
            ),
          ],
  };
}
