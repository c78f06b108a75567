// What a record means, for terminals and text files: the verdict, then every finding with its evidence and advice.
// `plimsoll analyze` prints it.

import type { RunRecord } from '../../model/run-record.ts';
import { findingsSection } from '../view/findings.ts';
import { headlineOf } from '../view/headline.ts';
import { drawSection } from './draw-section.ts';
import type { Palette } from './palette.ts';
import { drawHeadline } from './terminal.ts';

/** The text ends with a line feed. */
export function renderAnalysis(record: RunRecord, palette: Palette): string {
  const count = record.findings.length;
  const summary = count === 0 ? 'none' : String(count);
  const findings = drawSection({ ...findingsSection(record), summary }, palette);
  return `${[...drawHeadline(headlineOf(record), palette), '', ...findings].join('\n')}\n`;
}
