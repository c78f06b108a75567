// One verdict over the profiles of a command. Pure. Called by cli/course-report.ts.

import type { CourseEntry } from '../model/course.ts';
import type { Verdict } from '../model/verdict.ts';
import { formatCount } from '../text/format-figure.ts';

/**
 * `fail` when a run failed; else `inconclusive` when one is, or when a profile was not run, since nobody knows how that would
 * have gone; else `warn` when a run passed with warnings; `pass` only when every profile was run and passed. Throws an `Error`
 * without entries.
 */
export function courseVerdict(entries: readonly CourseEntry[]): Verdict {
  if (entries.length === 0) throw new Error('a course without profiles has no verdict');
  const of = (status: CourseEntry['status'], words: string): string[] =>
    entries
      .filter((entry) => entry.status === status && entry.isHeldShorter !== true)
      .map(({ profile, reasons }) => `${profile} ${words}: ${reasons[0]}`);
  const failed = of('fail', 'failed');
  const shorter = entries.filter(({ isHeldShorter }) => isHeldShorter === true);
  const open = [
    ...of('inconclusive', 'is inconclusive'),
    ...of('not-run', 'was not run'),
    ...(shorter.length === 0
      ? []
      : [
          `${formatCount(shorter.length, 'run')} held what was judged, but compressed, so nobody knows whether the same holds at full length.`,
        ]),
  ];
  const warned = of('warn', 'passed with warnings');
  if (failed.length > 0) return { status: 'fail', reasons: [...failed, ...open, ...warned] };
  if (open.length > 0) return { status: 'inconclusive', reasons: [...open, ...warned] };
  if (warned.length > 0) return { status: 'warn', reasons: warned };
  return {
    status: 'pass',
    reasons: [
      entries.length === 1 ? 'The run passed.' : `Each of ${formatCount(entries.length, 'run')} passed.`,
    ],
  };
}
