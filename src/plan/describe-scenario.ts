// One scenario of a plan as text: executor, VUs over time, users, mix, pace, iterations. Used by describe.ts.

import { assertNever } from '../model/errors.ts';
import { type ArrivalExecutorPlan, isArrivalRate, peakRatePerSec } from '../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan, ThinkTimePlan, UserPlan } from '../model/plan.ts';
import { formatDuration } from '../time/duration.ts';
import { estimateIterations } from './estimate.ts';
import { rateAt, rateCurveOf } from './rate-curve.ts';
import { durationOf, maxVusOf, userCounts, vuCountAt } from './schedule.ts';
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

/** `1,200 VUs`, `1 worker`. */
export function formatCount(count: number, noun?: string): string {
  const text = count.toLocaleString('en-US');
  if (noun === undefined) return text;
  return `${text} ${noun}${count === 1 ? '' : 's'}`;
}

export function formatRate(ratePerSec: number): string {
  return `${Number(ratePerSec.toFixed(2)).toLocaleString('en-US')}/s`;
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
    `Scenario ${name}: ${executorText(executor)}${start}`,
    ...shapeLines(executor),
    ...userLines(scenario),
    ...mixLines(scenario.users),
    ...thinkTimeLines(scenario),
    ...labelled('iterations', [iterationText(scenario)]),
    ...labelled('graceful stop', limits),
  ];
}

function executorText(executor: ExecutorPlan): string {
  const length = formatDuration(durationOf(executor));
  switch (executor.kind) {
    case 'constant-vus': {
      const ramp = executor.rampUpMs > 0 ? `, all started by ${formatDuration(executor.rampUpMs)}` : '';
      return `constant-vus, ${formatCount(executor.vus, 'VU')} for ${length}${ramp}`;
    }
    case 'ramping-vus':
      return `ramping-vus, up to ${formatCount(maxVusOf(executor), 'VU')} over ${length}`;
    case 'shared-iterations': {
      const ramp = executor.rampUpMs > 0 ? `, all started by ${formatDuration(executor.rampUpMs)}` : '';
      return `shared-iterations, ${formatCount(executor.iterations)} among ${formatCount(executor.vus, 'VU')} in at most ${length}${ramp}`;
    }
    case 'per-vu-iterations': {
      const ramp = executor.rampUpMs > 0 ? `, all started by ${formatDuration(executor.rampUpMs)}` : '';
      return `per-vu-iterations, ${formatCount(executor.vus, 'VU')} × ${formatCount(executor.iterations)} in at most ${length}${ramp}`;
    }
    case 'constant-arrival-rate':
      return `constant-arrival-rate, ${formatRate(executor.ratePerSec)} for ${length}, ${arrivalText(executor)}`;
    case 'ramping-arrival-rate':
      return `ramping-arrival-rate, up to ${formatRate(peakRatePerSec(executor))} over ${length}, ${arrivalText(executor)}`;
    case 'externally-controlled':
      return `externally-controlled, ${formatCount(executor.vus, 'VU')} at the start and at most ${formatCount(executor.maxVUs)} for ${length}`;
    default:
      return assertNever(executor);
  }
}

function arrivalText({ preAllocatedVUs, maxVUs, arrivals }: ArrivalExecutorPlan): string {
  const vus =
    preAllocatedVUs === maxVUs
      ? formatCount(maxVUs, 'VU')
      : `${formatCount(preAllocatedVUs)} to ${formatCount(maxVUs, 'VU')}`;
  return arrivals === undefined ? vus : `${vus}, ${arrivals} arrivals`;
}

/** Where the count of VUs, or the rate, changes its course, or evenly spread times when there are too many such places. */
function columnTimes(executor: ExecutorPlan): number[] {
  const lengthMs = durationOf(executor);
  const borders = new Set([0]);
  if (executor.kind === 'ramping-vus' || executor.kind === 'ramping-arrival-rate') {
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
    const opening = `${user.name}${user.mix === 'flow' ? ' (each step by its own chance)' : ''}: ${first ?? 'nothing'}`;
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
  if (isArrivalRate(executor)) return labelled('think time', ['none; the rate sets the pace']);
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
    return scenario.executor.kind === 'externally-controlled'
      ? 'depends on the target, and on how the VUs are changed'
      : 'depends on the target';
  }
  const perSec = formatRate((estimate.count * 1000) / durationOf(scenario.executor));
  return `depends on the target; think time allows at most about ${formatCount(estimate.count)} (${perSec})`;
}
