// What several runs of one session say of the objectives together: printed at the end, and written beside the folders of
// the runs. Called by run.ts.

import { dirname, join, relative } from 'node:path';
import type { ComplianceRecord } from '../analysis/joined-compliance.ts';
import type { ReportFormat } from '../report/format-names.ts';
import { makePalette } from '../report/text/palette.ts';
import type { RunOutcome } from '../run/write-reports.ts';
import { utcStamp, writeArtifact } from '../store/run-directory.ts';
import { usesColour } from './colour.ts';
import type { RunFlags } from './flags.ts';
import { printError } from './print-error.ts';

export interface SessionObjectives {
  add(outcome: RunOutcome): Promise<void>;
  /** Prints and writes; nothing for a single run, whose own reports have it all, and for runs without objectives. */
  finish(formats: readonly ReportFormat[]): Promise<void>;
}

export function createSessionObjectives(flags: Pick<RunFlags, 'quiet' | 'color'>): SessionObjectives {
  const records: ComplianceRecord[] = [];
  let suiteDir: string | undefined;
  let startedAt = '';
  return {
    async add({ record, runDir }) {
      // Loaded when a load has ended: until then nobody waits for it.
      const { forCompliance } = await import('../analysis/joined-compliance.ts');
      if (records.length === 0) {
        suiteDir = dirname(runDir);
        startedAt = record.startedAt;
      }
      records.push(forCompliance(record));
    },

    async finish(formats) {
      if (records.length < 2 || suiteDir === undefined) return;
      const { joinCompliance } = await import('../analysis/joined-compliance.ts');
      const joined = joinCompliance(records);
      if (joined === undefined) return;
      // Loaded when all loads have ended.
      const { sessionFormats, sessionPaper } = await import('../report/session-report.ts');
      const { renderPaperText } = await import('../report/paper.ts');
      const palette = makePalette(usesColour(process.stdout, flags.color));
      const text = renderPaperText(sessionPaper(joined), palette);
      // With --quiet the answer and its first reason, as of each run.
      process.stdout.write(flags.quiet ? `${text.split('\n').slice(0, 2).join('\n')}\n` : `\n${text}`);
      const stamp = utcStamp(new Date(startedAt));
      for (const format of Object.keys(sessionFormats) as (keyof typeof sessionFormats)[]) {
        if (!formats.includes(format)) continue;
        const { fileName, content } = sessionFormats[format](joined, stamp);
        try {
          await writeArtifact(suiteDir, fileName, content);
          if (!flags.quiet && format === 'executive') {
            process.stdout.write(`\nSummary  ${relative(process.cwd(), join(suiteDir, fileName))}\n`);
          }
        } catch (thrown) {
          // The runs and their verdicts stand.
          printError(thrown, process.stderr);
        }
      }
    },
  };
}
