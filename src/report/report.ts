// The door to all report formats: pure functions from a run record to files. run/run-profile.ts and the commands call it.

import type { RunRecord } from '../model/run-record.ts';
import {
  renderEndpointsCsv,
  renderMonitorsCsv,
  renderObjectivesCsv,
  renderThresholdsCsv,
  renderTimelineCsv,
} from './data/csv.ts';
import { renderDatabaseTest } from './data/database-test.ts';
import { renderExecutive } from './data/executive.ts';
import { renderJunit } from './data/junit.ts';
import { renderLoadReport } from './data/load-report.ts';
import type { ReportFormat } from './format-names.ts';
import { renderHtml } from './html/html.ts';
import { renderMarkdown } from './markdown/markdown.ts';
import { renderOperations } from './text/operations.ts';
import { plainPalette, renderTerminal } from './text/terminal.ts';

export interface ReportFile {
  readonly fileName: string;
  readonly content: string;
}

const renderers = {
  json: (record: RunRecord) => [file('run.json', `${JSON.stringify(record, null, 1)}\n`)],
  // What comes first is what --export writes.
  txt: (record: RunRecord) => [
    ...(record.plan.operationsReport === undefined || record.plan.search !== undefined
      ? []
      : [file('operations.txt', renderOperations(record))]),
    file('summary.txt', renderTerminal(record, { palette: plainPalette })),
  ],
  md: (record: RunRecord) => [file('summary.md', renderMarkdown(record))],
  html: (record: RunRecord) => [file('report.html', renderHtml(record))],
  csv: (record: RunRecord) => {
    const watched = renderMonitorsCsv(record);
    const thresholds = renderThresholdsCsv(record);
    const objectives = renderObjectivesCsv(record);
    return [
      file('endpoints.csv', renderEndpointsCsv(record)),
      file('timeline.csv', renderTimelineCsv(record)),
      ...(thresholds === undefined ? [] : [file('thresholds.csv', thresholds)]),
      ...(objectives === undefined ? [] : [file('objectives.csv', objectives)]),
      ...(watched === undefined ? [] : [file('monitors.csv', watched)]),
    ];
  },
  junit: (record: RunRecord) => [file('junit.xml', renderJunit(record))],
  executive: (record: RunRecord) => [file('executive-summary.json', renderExecutive(record))],
  'load-report': (record: RunRecord) => [file('load-report.json', renderLoadReport(record))],
  'db-test': (record: RunRecord) => {
    const content = renderDatabaseTest(record);
    return content === undefined ? [] : [file('db-test.json', content)];
  },
} satisfies Record<ReportFormat, (record: RunRecord) => ReportFile[]>;

function file(fileName: string, content: string): ReportFile {
  return { fileName, content };
}

/** The files of one format: most formats are one file, `db-test` none for a run without a database. */
export function renderReport(format: ReportFormat, record: RunRecord): readonly ReportFile[] {
  return renderers[format](record);
}
