// The names of the report formats, without what renders them: the help of commands reads them, and must load fast.
// report.ts has a renderer for each.

import { UsageError } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';

/** Every format, in the order in which they are written. */
export const reportFormats = [
  'json',
  'txt',
  'md',
  'html',
  'csv',
  'junit',
  'executive',
  'load-report',
  'db-test',
] as const;

export type ReportFormat = (typeof reportFormats)[number];

/** Formats that are one summary, which `--export` writes to a file with their name as its extension. */
export const exportFormats = ['txt', 'md', 'json', 'html'] as const satisfies ReportFormat[];

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
