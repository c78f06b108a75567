// The door to all report formats: pure functions from a run record to files. run/run-profile.ts and the commands call it.

import { UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { nearestName } from '../text/nearest-name.ts';
import { renderEndpointsCsv, renderMonitorsCsv, renderThresholdsCsv, renderTimelineCsv } from './data/csv.ts';
import { renderDatabaseTest } from './data/database-test.ts';
import { renderExecutive } from './data/executive.ts';
import { renderJunit } from './data/junit.ts';
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
    return [
      file('endpoints.csv', renderEndpointsCsv(record)),
      file('timeline.csv', renderTimelineCsv(record)),
      ...(thresholds === undefined ? [] : [file('thresholds.csv', thresholds)]),
      ...(watched === undefined ? [] : [file('monitors.csv', watched)]),
    ];
  },
  junit: (record: RunRecord) => [file('junit.xml', renderJunit(record))],
  executive: (record: RunRecord) => [file('executive-summary.json', renderExecutive(record))],
  'db-test': (record: RunRecord) => {
    const content = renderDatabaseTest(record);
    return content === undefined ? [] : [file('db-test.json', content)];
  },
} as const satisfies Record<string, (record: RunRecord) => ReportFile[]>;

export type ReportFormat = keyof typeof renderers;

/** Every format, in the order in which they are written. */
export const reportFormats = Object.keys(renderers) as readonly ReportFormat[];

function file(fileName: string, content: string): ReportFile {
  return { fileName, content };
}

/** The files of one format: most formats are one file, `db-test` none for a run without a database. */
export function renderReport(format: ReportFormat, record: RunRecord): readonly ReportFile[] {
  return renderers[format](record);
}

/**
 * Parses `--formats`: names separated by commas, each once. Throws a `UsageError` that names the nearest
 * format for what it does not know.
 */
export function parseFormats(text: string): readonly ReportFormat[] {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (names.length === 0) {
    throw new UsageError('no report format given', { hint: `choose from ${reportFormats.join(', ')}` });
  }
  const formats = names.map((name) => {
    const format = reportFormats.find((known) => known === name);
    if (format !== undefined) return format;
    const near = nearestName(name, reportFormats);
    throw new UsageError(
      `unknown report format "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      {
        hint: `choose from ${reportFormats.join(', ')}`,
      },
    );
  });
  return [...new Set(formats)];
}
