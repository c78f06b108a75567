// How response times are distributed: one chart for each kind of operations that has any.

import { emptyNotes, pageOnly } from './cells.ts';
import { type ChartData, distributionSummary } from './charts.ts';
import type { Chart, Section } from './section.ts';

export function distributionSection({ distributions }: ChartData): Section {
  const charts = distributions.map(
    (one): Chart => ({
      kind: 'chart',
      id: one.id,
      title: one.title,
      summary: distributionSummary(one),
      isSmall: false,
    }),
  );
  const blocks =
    charts.length > 0 ? charts : [emptyNotes('No response was measured, so there is no distribution.')];
  return { id: 'distribution', title: 'Latency distribution', blocks, ...pageOnly };
}
