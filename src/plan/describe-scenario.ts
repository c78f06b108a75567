// One scenario of a plan as text: executor, VUs over time, users, mix, pace, iterations. Used by describe.ts.

import type { ExecutorPlan } from '../executors/executors.ts';
import {
  describeExecutor,
  durationOf,
  isArrivalRate,
  isControlled,
  rateCurveOf,
  vuCountAt,
} from '../executors/of-plan.ts';
import { rateAt } from '../executors/rate-curve.ts';
import { assertNever } from '../model/errors.ts';
import type { ScenarioPlan, ThinkTimePlan, UserPlan } from '../model/plan.ts';
import { formatCount, formatRate } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { estimateIterations } from './estimate.ts';
import { userCounts } from './schedule.ts';
import { renderSparkline, sampleShape } from './sparkline.ts';

const labelWidth = 14;
const lineWidth = 100;
const sparklineWidth = 60;
const mostColumns = 9;

/** A label and its parts, joined by two blanks and wrapped under each other. */
export function labelled(label: string, parts: readonly string[]): string[] {
  const indent = ' '.repeat(2 + labelWidth);
  const lines: string[] = [];
  let line = '';
  for (const part of parts) {
    if (line !== '' && indent.length + line.length + 2 + part.length > lineWidth) {
      lines.push(line);
      line = part;
    } else line = line === '' ? part : `${line}  ${part}`;
  }
  lines.push(line);
  return lines.map((one, i) => (i === 0 ? `  ${label.padEnd(labelWidth)}${one}` : indent + one));
}

/** A point in time; its start is `0s`. */
export function formatTime(atMs: number): string {
  return atMs === 0 ? '0s' : formatDuration(atMs);
}

function formatPercent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}

/** The lines of one scenario, its headline first. */
export function describeScenario(scenario: ScenarioPlan): string[] {
  const { name, startAtMs, executor, gracefulStopMs, iterationTimeoutMs } = scenario;
  const start = startAtMs === 0 ? '' : `, starts at ${formatDuration(startAtMs)}`;
  const grace = gracefulStopMs === 0 ? 'none' : `${formatDuration(gracefulStopMs)} to finish after the end`;
  const limits = [grace];
  if (iterationTimeoutMs > 0) limits.push(`iterations cut off after ${formatDuration(iterationTimeoutMs)}`);
  return [
    `Scenario ${name}: ${executor.kind}, ${describeExecutor(executor)}${start}`,
    ...shapeLines(executor),
    ...userLines(scenario),
    ...mixLines(scenario.users),
    ...thinkTimeLines(scenario),
    ...labelled('iterations', [iterationText(scenario)]),
    ...labelled('graceful stop', limits),
  ];
}

/** Where the count of VUs, or the rate, changes its course, or evenly spread times when there are too many such places. */
function columnTimes(executor: ExecutorPlan): number[] {
  const lengthMs = durationOf(executor);
  const borders = new Set([0]);
  if ('stages' in executor) {
    let atMs = 0;
    for (const stage of executor.stages) {
      borders.add(atMs + stage.durationMs / 2);
      atMs += stage.durationMs;
      borders.add(atMs);
    }
  } else if ('rampUpMs' in executor) {
    for (const share of [0.25, 0.5, 0.75, 1]) borders.add(executor.rampUpMs * share);
  }
  borders.delete(lengthMs);
  if (borders.size <= mostColumns) return [...borders];
  return Array.from({ length: mostColumns }, (_, i) => (i * lengthMs) / mostColumns);
}

function shapeLines(executor: ExecutorPlan): string[] {
  const times = columnTimes(executor);
  if (times.length < 2) return [];
  const lengthMs = durationOf(executor);
  const curve = isArrivalRate(executor) ? rateCurveOf(executor) : undefined;
  const levelAt = (atMs: number): number =>
    curve === undefined ? vuCountAt(executor, atMs) : rateAt(curve, atMs);
  const [title, row, format] =
    curve === undefined
      ? (['VUs over time', '  VUs', formatCount] as const)
      : (['rate over time', '  rate', formatRate] as const);
  const columns = times.map((atMs) => [formatTime(atMs), format(levelAt(atMs))] as const);
  const cell = (text: string): string => text.padStart(8);
  return [
    ...labelled(title, [
      `0s ${renderSparkline(sampleShape(levelAt, lengthMs, sparklineWidth))} ${formatDuration(lengthMs)}`,
    ]),
    `  ${'  at'.padEnd(labelWidth)}${columns.map(([at]) => cell(at)).join('')}`,
    `  ${row.padEnd(labelWidth)}${columns.map(([, level]) => cell(level)).join('')}`,
  ];
}

function userLines(scenario: ScenarioPlan): string[] {
  const counts = userCounts(scenario);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return labelled(
    'users',
    scenario.users.map(
      (user, i) => `${user.name} ${formatCount(counts[i]!)} (${formatPercent(counts[i]! / total)})`,
    ),
  );
}

function mixLines(users: readonly UserPlan[]): string[] {
  return users.flatMap((user, i) => {
    const sum = user.tasks.reduce((total, task) => total + task.share, 0);
    const parts = user.tasks.map(({ name, share }) =>
      user.mix === 'flow' ? `${name} ${formatPercent(share)}` : `${name} ${formatPercent(share / sum)}`,
    );
    const [first, ...others] = parts;
    const opening = `${user.name}${user.mix === 'flow' ? ' (each step with its own probability)' : ''}: ${first ?? 'nothing'}`;
    return labelled(i === 0 ? 'mix' : '', [opening, ...others]);
  });
}

function thinkTimeText(thinkTime: ThinkTimePlan): string {
  switch (thinkTime.kind) {
    case 'none':
      return 'none';
    case 'fixed':
      return formatDuration(thinkTime.ms);
    case 'uniform':
      return `${formatDuration(thinkTime.minMs)} to ${formatDuration(thinkTime.maxMs)}`;
    case 'suite':
      return 'as the suite says each time';
    default:
      return assertNever(thinkTime);
  }
}

function thinkTimeLines({ executor, users }: ScenarioPlan): string[] {
  if (isArrivalRate(executor))
    return labelled('think time', ['none; the arrival rate decides when iterations start']);
  const texts = users.map((user) => thinkTimeText(user.thinkTime));
  const same = new Set(texts).size === 1;
  return labelled('think time', same ? [texts[0]!] : users.map((user, i) => `${user.name} ${texts[i]!}`));
}

function iterationText(scenario: ScenarioPlan): string {
  const estimate = estimateIterations(scenario);
  if (estimate.kind === 'exact') {
    return !isArrivalRate(scenario.executor)
      ? `${formatCount(estimate.count)} exactly, fewer only if the time runs out`
      : `${formatCount(estimate.count)} starts exactly`;
  }
  if (estimate.kind === 'mean') {
    return `about ${formatCount(Math.round(estimate.count))} starts; the seed decides how many exactly`;
  }
  if (estimate.kind === 'open') {
    return isControlled(scenario.executor)
      ? 'depends on the target, and on how the VUs are changed'
      : 'depends on the target';
  }
  const perSec = formatRate((estimate.count * 1000) / durationOf(scenario.executor));
  return `depends on the target; think time allows at most about ${formatCount(estimate.count)} (${perSec})`;
}
