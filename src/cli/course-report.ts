// What the runs of one command come to together: printed at the end, and written beside the folders of the runs. Called by
// run.ts.

import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { ComplianceRecord, JoinedCompliance } from '../analysis/joined-compliance.ts';
import type { Course, CourseEntry } from '../model/course.ts';
import type { ReportFormat } from '../report/format-names.ts';
import type { ReportFile } from '../report/report.ts';
import { makePalette } from '../report/text/palette.ts';
import type { NotRun, ProfileOutcome } from '../run/run-profiles.ts';
import { utcStamp, writeArtifact } from '../store/run-directory.ts';
import { formatCount } from '../text/format-figure.ts';
import { wallClock } from '../time/clock.ts';
import { usesColour } from './colour.ts';
import type { RunFlags } from './flags.ts';
import { printError } from './print-error.ts';

export interface CourseReport {
  add(outcome: ProfileOutcome): Promise<void>;
  /** Notes a profile that was not run. */
  leaveOut(notRun: Pick<NotRun, 'profile' | 'reason'>): void;
  /**
   * Prints and writes the verdict, the figures and the objectives of several profiles together; of one profile that was
   * repeated the objectives alone, and nothing of a single run, whose own reports have it all.
   */
  finish(formats: readonly ReportFormat[]): Promise<void>;
}

interface CourseOptions extends Pick<RunFlags, 'quiet' | 'color' | 'compress'> {
  readonly suite: string;
  readonly environment: string;
  /** Folder of all results. */
  readonly outDir: string;
  /** Several profiles were chosen, whether or not they are run. */
  readonly hasSeveral: boolean;
}

export function createCourseReport(options: CourseOptions): CourseReport {
  const { suite, environment, quiet, color, outDir, hasSeveral, compress } = options;
  const records: ComplianceRecord[] = [];
  const entries: CourseEntry[] = [];
  const startedAt = wallClock();
  let suiteDir = join(outDir, suite);
  return {
    async add({ record, runDir }) {
      // Loaded when a load has ended: until then nobody waits for it.
      const { forCompliance } = await import('../analysis/joined-compliance.ts');
      const { courseFigures } = await import('../report/course-report.ts');
      suiteDir = dirname(runDir);
      records.push(forCompliance(record));
      if (!hasSeveral) return;
      const { profile, verdict } = record;
      const { verdictAsMeasured } = await import('../analysis/verdict.ts');
      const asMeasured = verdictAsMeasured(record).status;
      const isHeldShorter =
        verdict.status === 'inconclusive' && (asMeasured === 'pass' || asMeasured === 'warn');
      entries.push({
        profile,
        ...verdict,
        ...(isHeldShorter && { isHeldShorter }),
        figures: courseFigures(record, basename(runDir)),
      });
    },
    leaveOut({ profile, reason }) {
      entries.push({ profile, status: 'not-run', reasons: [reason] });
    },

    async finish(formats) {
      if (records.length < 2 && !hasSeveral) return;
      const { joinCompliance } = await import('../analysis/joined-compliance.ts');
      const notRun = entries.flatMap(({ profile, status }) => (status === 'not-run' ? [profile] : []));
      const joined = joinCompliance(records, notRun);
      const stamp = utcStamp(startedAt);
      const files: ReportFile[] = [];
      const say = (text: string): void => {
        // With --quiet the answer and its first reason, as of each run.
        process.stdout.write(quiet ? `${text.split('\n').slice(0, 2).join('\n')}\n` : `\n${text}`);
      };
      if (hasSeveral) {
        const { courseVerdict } = await import('../analysis/course-verdict.ts');
        const course: Course = {
          ...{ suite, environment, target: records[0]?.target.baseUrl ?? null },
          ...{ startedAt: startedAt.toISOString(), endedAt: wallClock().toISOString() },
          ...(compress !== undefined && compress > 1 && { compressed: compress }),
          ...{ entries, verdict: courseVerdict(entries) },
        };
        say(await courseText(course, joined, color));
        files.push(...(await courseFiles(course, joined, formats, stamp)));
      } else if (joined !== undefined) {
        say(await objectivesText(joined, color));
      }
      if (joined !== undefined) files.push(...(await objectiveFiles(joined, formats, stamp)));
      await write(suiteDir, files, quiet === true);
    },
  };
}

async function courseText(
  course: Course,
  joined: JoinedCompliance | undefined,
  color?: boolean,
): Promise<string> {
  const { coursePaper } = await import('../report/course-report.ts');
  const { renderPaperText } = await import('../report/paper.ts');
  return renderPaperText(coursePaper(course, joined), makePalette(usesColour(process.stdout, color)));
}

async function objectivesText(joined: JoinedCompliance, color?: boolean): Promise<string> {
  const { sessionPaper } = await import('../report/session-report.ts');
  const { renderPaperText } = await import('../report/paper.ts');
  return renderPaperText(sessionPaper(joined), makePalette(usesColour(process.stdout, color)));
}

async function courseFiles(
  course: Course,
  joined: JoinedCompliance | undefined,
  formats: readonly ReportFormat[],
  stamp: string,
): Promise<ReportFile[]> {
  const { courseFormats } = await import('../report/course-report.ts');
  return (Object.keys(courseFormats) as (keyof typeof courseFormats)[])
    .filter((format) => formats.includes(format))
    .map((format) => courseFormats[format](stamp, course, joined));
}

async function objectiveFiles(
  joined: JoinedCompliance,
  formats: readonly ReportFormat[],
  stamp: string,
): Promise<ReportFile[]> {
  const { sessionFormats } = await import('../report/session-report.ts');
  return (Object.keys(sessionFormats) as (keyof typeof sessionFormats)[])
    .filter((format) => formats.includes(format))
    .map((format) => sessionFormats[format](joined, stamp));
}

async function write(folder: string, files: readonly ReportFile[], quiet: boolean): Promise<void> {
  const written: string[] = [];
  // Where no profile was run, nobody has made it.
  await mkdir(folder, { recursive: true }).catch(() => {});
  for (const { fileName, content } of files) {
    try {
      await writeArtifact(folder, fileName, content);
      written.push(relative(process.cwd(), join(folder, fileName)));
    } catch (thrown) {
      // The runs and their verdicts stand.
      printError(thrown, process.stderr);
    }
  }
  const [first] = [...written.filter((name) => name.endsWith('.html')), ...written];
  if (quiet || first === undefined) return;
  const others = written.length - 1;
  const more = others === 0 ? '' : `, and ${formatCount(others, 'more file')} with this time in the name`;
  process.stdout.write(`\nSummary  ${first}${more}\n`);
}
