// `plimsoll compare`: two or more sides of runs, figure by figure. Flags in, exit code out.

import { basename } from 'node:path';
import { exitCodes, UsageError } from '../model/errors.ts';
import type { Regression, RegressionStatus } from '../model/regression.ts';
import {
  type CompareOptions,
  compareRuns,
  type RunSide,
  usualComparison,
} from '../regression/compare-runs.ts';
import { type DifferenceKind, differenceKinds } from '../regression/differences.ts';
import type { Paper } from '../report/paper.ts';
import { regressionSection, statusOfRegression } from '../report/view/regression.ts';
import { asForeign } from '../store/foreign-data.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { CompareFlags } from './flags.ts';
import { assertOneProfile, readSide } from './read-side.ts';
import { paperFormat, writePaper } from './write-paper.ts';

/**
 * Compares each further side with the first, prints what changed or writes it to `--out`, and returns the exit code: 1
 * when any figure is worse, 5 when the answer is open, else 0. Throws a `UsageError` for anything unusable.
 */
export async function compareCommand(names: readonly string[], flags: CompareFlags): Promise<number> {
  if (names.length < 2) throw new UsageError('compare needs at least two runs or folders of runs');
  const format = paperFormat(flags);
  const options = compareOptions(flags);
  const sides: RunSide[] = [];
  for (const name of names) {
    const records = await readSide(name, flags.profile);
    assertOneProfile(name, records);
    sides.push({ name: shortName(name, names), records });
  }
  return reportComparison(sides, options, format, flags);
}

/** Compares each further side with the first, prints the answer, and returns its exit code; two sides at least. */
export async function reportComparison(
  sides: readonly RunSide[],
  options: CompareOptions,
  format: ReturnType<typeof paperFormat>,
  flags: CompareFlags,
): Promise<number> {
  const [first, ...others] = sides as [RunSide, ...RunSide[]];
  for (const other of others) assertApart(first, other);
  const names = sides.map(({ name }) => name);
  const regressions = await asForeign(names.join(', '), () =>
    others.map((other) => compareRuns(first, other, options)),
  );
  await writePaper(
    paperOf(regressions),
    { status: overall(regressions), comparisons: regressions },
    format,
    flags,
  );
  return exitCodeOf(overall(regressions));
}

/** `after` of `results/after/`, `normal-1 and 2 more` of a list; the whole where that would be another's, too. */
function shortName(name: string, names: readonly string[]): string {
  const shorten = (text: string): string => {
    const [first = text, ...others] = text.split(',');
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${basename(first.replace(/\/run\.json$/, '')) || first}${more}`;
  };
  const isUnique = names.filter((other) => shorten(other) === shorten(name)).length === 1;
  return isUnique ? shorten(name) : name;
}

function exitCodeOf(status: RegressionStatus): number {
  if (status === 'worse') return exitCodes.fail;
  return status === 'unjudged' ? exitCodes.inconclusive : exitCodes.pass;
}

/** What the flags of a comparison say, beside what is usual. */
export function compareOptions(flags: CompareFlags): CompareOptions {
  const { minChange, minFailed, runNoise, percentiles, allow } = flags;
  return {
    ...usualComparison,
    ...(minChange !== undefined && { minimumChange: minChange }),
    ...(minFailed !== undefined && { minimumShare: minFailed }),
    ...(runNoise !== undefined && { runNoise }),
    ...(percentiles !== undefined && { percentiles }),
    ...(allow !== undefined && { allowed: allow.map(differenceKind) }),
  };
}

function differenceKind(text: string): DifferenceKind {
  const kind = differenceKinds.find((one) => one === text);
  if (kind !== undefined) return kind;
  const near = nearestName(text, differenceKinds);
  throw new UsageError(
    `--allow ${text}: not a difference${near === undefined ? '' : `, did you mean ${near}?`}`,
    {
      hint: `choose from ${differenceKinds.join(', ')}`,
    },
  );
}

/** Runs that are on both sides would always be the same. */
function assertApart(one: RunSide, two: RunSide): void {
  const ids = new Set(one.records.map(({ id }) => id));
  const both = two.records.find(({ id }) => ids.has(id));
  if (both === undefined) return;
  throw new UsageError(`the run ${both.id} is on both sides, ${one.name} and ${two.name}`, {
    hint: 'name two runs, or two folders that hold different runs',
  });
}

function overall(regressions: readonly Regression[]): RegressionStatus {
  const order: readonly RegressionStatus[] = ['worse', 'unjudged', 'better'];
  return order.find((status) => regressions.some((one) => one.status === status)) ?? 'same';
}

function paperOf(regressions: readonly Regression[]): Paper {
  const status = overall(regressions);
  const { suite, profile } = regressions[0]!.before;
  const several = regressions.length > 1;
  return {
    kind: 'comparison of load tests',
    answer: status.toUpperCase(),
    status: statusOfRegression[status],
    title: `${suite} / ${profile}`,
    reasons: several
      ? regressions.map(({ after, status: one, reasons }) => `${after.name} is ${one}: ${reasons[0]}`)
      : regressions[0]!.reasons,
    sections: regressions.map((one, i) => regressionSection(one, `comparison-${i + 1}`, several)),
  };
}
