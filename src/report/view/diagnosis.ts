// What the watched sources answered when the load had ended badly: who was at work, what took most time, which limits are
// near, what the log said last. Called by report-view.ts.

import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { tableOfMonitor } from './monitors.ts';
import type { Notes, Section } from './section.ts';

/** Without blocks and parts where the run went well, or nobody was there to be asked. */
export function diagnosisSection(record: RunRecord): Section {
  const told = Object.entries(record.monitors).flatMap(([name, monitor]) =>
    monitor.diagnosis === undefined ? [] : [{ name, monitor, diagnosis: monitor.diagnosis }],
  );
  const parts = told.flatMap(({ name, monitor, diagnosis }) =>
    diagnosis.tables
      .filter(({ rows }) => rows.length > 0)
      .map((one): Section => {
        const shown = { ...tableOfMonitor(monitor, one), limits: { terminal: 5, document: 10 } };
        return { id: `${name}-${one.name}`, title: `${monitor.title}: ${one.title}`, blocks: [shown] };
      }),
  );
  const notes = told.flatMap(({ monitor, diagnosis: { failure } }) =>
    failure === undefined
      ? []
      : [{ status: 'caution' as const, text: `${monitor.title} did not answer: ${failure}` }],
  );
  const blocks: Notes[] = notes.length === 0 ? [] : [{ kind: 'notes', look: 'lines', notes }];
  const section = { id: 'diagnosis', title: 'Asked because the load ended badly', blocks, parts };
  if (blocks.length + parts.length === 0) return section;
  const atMs = Math.max(...told.map(({ diagnosis }) => diagnosis.atMs));
  return { ...section, summary: `at ${formatDuration(atMs)}` };
}
