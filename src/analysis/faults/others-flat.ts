// Whether a fault stays where it is: operations that have nothing to do with it must fail no more than before. Called by
// fault-results.ts.

import type { ExpectationPlan, OperationCourse } from '../../model/fault.ts';
import type { Measurements } from '../../model/run-record.ts';
import { shareDifference } from '../../stats/share-difference.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { type FaultTimes, timesOf } from './fault-times.ts';
import type { Judgement } from './judgement.ts';
import { type CountedOperation, type Counts, countsIn, nameOf } from './operation-counts.ts';

/** What is flat for so many operations at once is told with this confidence for each of them. */
const confidence = 0.98;
const fewestBefore = 30;
/** Who waits for what the fault holds fails later: so much after its end is looked at, too. */
const aftermathMs = 5000;
const namedCount = 3;

/** Each operation but those of the affected: by how much the share of its failures rose, with the interval of that. */
export function judgeOthers(
  measured: Measurements,
  times: FaultTimes,
  { affected, mostRatio }: Extract<ExpectationPlan, { kind: 'others-flat' }>,
): Judgement {
  const course = measured.operationCourse;
  if (course === undefined || course.operations.length === 0) {
    return { status: 'open', detail: 'No operation was recorded.' };
  }
  const unknown = affected.filter((name) => !course.operations.some((one) => isNamed(one, name)));
  if (unknown.length > 0) {
    return {
      status: 'open',
      detail: `Nothing was recorded of ${unknown.join(', ')}, so it is not known what may fail.`,
    };
  }
  const others = course.operations.filter((one) => !affected.some((name) => isNamed(one, name)));
  if (others.length === 0) return { status: 'open', detail: 'There were no other operations.' };
  if (course.unkept === true) {
    return { status: 'open', detail: 'There were more kinds of operations than are kept apart.' };
  }
  const results = others.map((one) => judgeOne(measured, times, course, one, mostRatio));
  const worst = [...results].sort((a, b) => b.rise - a.rise);
  const list = (some: readonly One[]): string => {
    const named = some.slice(0, namedCount).map(({ text }) => text);
    const more = some.length > namedCount ? [`and ${some.length - namedCount} more`] : [];
    return [...named, ...more].join('; ');
  };
  const unmet = worst.filter(({ status }) => status === 'unmet');
  if (unmet.length > 0)
    return { status: 'unmet', detail: `It spread: ${list(unmet)}.`, value: unmet[0]!.rise };
  const open = worst.filter(({ status }) => status === 'open');
  if (open.length > 0) return { status: 'open', detail: `Too few operations to tell: ${list(open)}.` };
  return {
    status: 'met',
    detail: `${formatCount(others.length, 'other operation')} failed no more than before; most of all ${worst[0]!.text}.`,
    value: worst[0]!.rise,
  };
}

interface One {
  readonly status: Judgement['status'];
  readonly rise: number;
  readonly text: string;
}

function judgeOne(
  measured: Measurements,
  times: FaultTimes,
  course: OperationCourse,
  operation: CountedOperation,
  mostRatio: number,
): One {
  const { fromMs, seenUntilMs, nextMs, plan } = times;
  const otherTimes = (measured.plan.faults ?? []).flatMap((other) =>
    other.name === plan.name ? [] : (timesOf(measured, other) ?? []),
  );
  const before = countsIn(course, operation, (from, until) =>
    otherTimes.every((other) => until <= other.fromMs || from >= other.seenUntilMs + aftermathMs)
      ? until <= fromMs
      : false,
  );
  // The interval in which it begins counts as its own.
  const during = countsIn(course, operation, (from, until) => until > fromMs && from < seenUntilMs);
  const afterwardsMs = Math.min(nextMs, seenUntilMs + aftermathMs);
  const after = countsIn(course, operation, (from) => from >= seenUntilMs && from < afterwardsMs);
  const name = nameOf(operation);
  const shares = `${name} ${shareText(before)} before, ${shareText(during)} during the fault`;
  const rises = [during, after]
    .filter(({ of }) => of > 0 && before.of > 0)
    .map((later) => shareDifference({ ...before, inflation: 1 }, { ...later, inflation: 1 }, confidence));
  const rise = Math.max(...rises.map(({ difference }) => difference), 0);
  if (rises.some(({ low }) => low > mostRatio)) {
    const later =
      after.of > 0 && rises.length > 1 && rises[1]!.low > mostRatio ? `, ${shareText(after)} after it` : '';
    return { status: 'unmet', rise, text: `${shares}${later}` };
  }
  const isFlat =
    before.of >= fewestBefore && during.of > 0 && rises.length > 0 && rises[0]!.high <= mostRatio;
  return { status: isFlat ? 'met' : 'open', rise, text: shares };
}

function isNamed({ tags }: CountedOperation, name: string): boolean {
  return Object.values(tags).includes(name);
}

function shareText({ count, of }: Pick<Counts, 'count' | 'of'>): string {
  if (of === 0) return 'none of 0';
  return `${formatFigure(count / of, 'ratio')} of ${formatCount(of)}`;
}
