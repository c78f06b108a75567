// The finding about errors: what kinds there were, which dominates, and where it comes from.

import type { ErrorGroup } from '../model/error-group.ts';
import type { BuiltInMetric } from '../model/metric.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { protocols } from '../protocols/registry.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { explainErrorCode } from './error-advice.ts';
import { countOf } from './measured.ts';

/** Shares of all requests or iterations from which errors are a warning, or critical (usual limits are 1 and 5 %). */
const warningRatio = 0.01;
const criticalRatio = 0.05;
const placeCount = 3;
const classCount = 5;

/** One finding when anything went wrong; requests cut off at the end of the run are not errors of the target. */
export function findErrors(measured: Measurements): Finding[] {
  const groups = measured.errors.filter(({ code, count }) => code !== 'aborted' && count > 0);
  if (groups.length === 0) return [];
  const total = sumOf(groups);
  const classes = countBy(groups, ({ code }) => code);
  const [code, count] = classes[0]!;
  const ofClass = groups.filter((group) => group.code === code);
  const places = countBy(ofClass, placeOf).slice(0, placeCount);
  const share = formatFigure(count / total, 'ratio');
  const where = places.map(([place, times]) => `${place} (${formatFigure(times, 'count')})`).join(', ');
  const message = ofClass.sort((a, b) => b.count - a.count)[0]!.message;
  const ratio = worstRatio(measured, groups);
  const advice = explainErrorCode(code)?.advice;
  return [
    {
      kind: 'errors',
      severity: ratio >= criticalRatio ? 'critical' : ratio >= warningRatio ? 'warning' : 'info',
      title:
        classes.length === 1
          ? `${formatCount(total, 'error')}, all ${code}`
          : `${formatCount(total, 'error')} of ${classes.length} kinds, ${share} ${code}`,
      detail: `${code} occurred ${formatCount(count, 'time')} (${share} of all errors), at ${where}. First message: ${message}`,
      evidence: [
        ...classes.slice(0, classCount).map(([name, value]): Evidence => ({ name, value, unit: 'count' })),
        { name: 'share of requests or iterations that failed', value: ratio, unit: 'ratio' },
      ],
      ...(advice !== undefined && { advice }),
    },
  ];
}

/** The larger of the shares of failed requests and failed iterations. */
function worstRatio(measured: Measurements, groups: readonly ErrorGroup[]): number {
  const ratioOf = (source: ErrorGroup['source'], total: number) => {
    const failed = sumOf(groups.filter((group) => group.source === source));
    return failed === 0 ? 0 : failed / Math.max(total, failed);
  };
  const counted = protocols.flatMap(({ errorsAmong }) => errorsAmong);
  const requests = counted.reduce((sum, metric) => sum + countOf(measured, metric as BuiltInMetric), 0);
  return Math.max(ratioOf('request', requests), ratioOf('iteration', countOf(measured, 'iterations')));
}

function sumOf(groups: readonly ErrorGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

/** Counts by key, largest first; equal ones by key. */
function countBy(groups: readonly ErrorGroup[], keyOf: (group: ErrorGroup) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const group of groups) counts.set(keyOf(group), (counts.get(keyOf(group)) ?? 0) + group.count);
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
}

function placeOf({ tags }: ErrorGroup): string {
  if (tags.name !== undefined) return [tags.method, tags.name].filter((one) => one !== undefined).join(' ');
  if (tags.task !== undefined) return `task ${tags.task}${tags.user === undefined ? '' : ` of ${tags.user}`}`;
  return tags.user === undefined ? 'the run' : `user ${tags.user}`;
}
