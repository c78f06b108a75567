// operations.txt: a run told in operations, which are its iterations, for suites that ask for it. Its lines are read by
// scripts too: `grep "Average:" | awk '{print $2}'` gives a plain number, as no unit or comma is stuck to it.

import {
  type Assessment,
  assessAverage,
  assessSuccess,
  assessThroughput,
  type Grade,
  linearCapacity,
  responseTimeBeyond,
} from '../../analysis/operations-assessment.ts';
import { durationOf, fixedIterationsOf, maxVusOf } from '../../executors/of-plan.ts';
import type { OperationsReportPlan, ScenarioPlan, ThinkTimePlan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { allocate } from '../../stats/allocation.ts';
import { formatCount, oneLine } from '../format-values.ts';
import { verdictTitle } from '../view/headline.ts';
import { keyFigures, rateOf, taskRows, trendOf } from '../view/record-figures.ts';
import { wrapText } from './text-table.ts';

const width = 70;
const rule = '='.repeat(width);
const shownErrors = 5;
/** An estimate for more than so many times the users of the run is not worth a tick. */
const farthestFactor = 10;
const marks: Readonly<Record<Grade, string>> = { good: '✅', fair: '⚠️ ', poor: '❌' };

interface Operation {
  readonly name: string;
  readonly count: number;
  readonly averageMs: number;
}

interface Operations {
  readonly users: number;
  readonly total: number;
  readonly failed: number;
  readonly failedRatio: number;
  readonly perSec: number;
  readonly durationMs: number;
  readonly averageMs: number;
  /** By name over all users, the most frequent first. */
  readonly each: readonly Operation[];
}

/** The whole text, ending in a line feed; from the record alone. */
export function renderOperations(record: RunRecord): string {
  const operations = readOperations(record);
  const sections = [
    configuration(record, operations),
    distribution(record),
    overall(operations),
    responseTimes(record),
    breakdown(operations),
    assessments(record, operations),
    failures(record, operations),
    ...(record.plan.operationsReport === undefined
      ? []
      : [scaling(record, operations, record.plan.operationsReport)]),
    verdict(record),
  ];
  const title = [rule, '📊 LOAD TEST REPORT', rule, ''];
  const partial = record.interrupted ? ['⚠️  The run was interrupted: these results are partial.', ''] : [];
  return `${[...title, ...partial, ...sections.flatMap((section) => [...section, '']), rule].join('\n')}\n`;
}

function readOperations(record: RunRecord): Operations {
  const { iterations: total, iterationsFailed, durationMs } = keyFigures(record);
  // An operation either threw, or was told to have failed by the suite: never both.
  const failed = Math.min(total, iterationsFailed + rateOf(record, 'operation_failed').passes);
  return {
    users: mostAtOnce(record.plan.scenarios),
    total,
    failed,
    failedRatio: total === 0 ? 0 : failed / total,
    perSec: durationMs === 0 ? 0 : total / (durationMs / 1000),
    durationMs,
    averageMs: trendOf(record, 'iteration_duration').avg,
    each: readEach(record),
  };
}

/** Users of phases that follow each other are never there together. */
function mostAtOnce(scenarios: readonly ScenarioPlan[]): number {
  const usersAt = (atMs: number): number =>
    scenarios
      .filter(({ startAtMs, executor }) => startAtMs <= atMs && atMs < startAtMs + durationOf(executor))
      .reduce((sum, { executor }) => sum + maxVusOf(executor), 0);
  return Math.max(0, ...scenarios.map(({ startAtMs }) => usersAt(startAtMs)));
}

function readEach(record: RunRecord): Operation[] {
  const sums = new Map<string, { count: number; sumMs: number }>();
  for (const { user, task, iterations } of taskRows(record)) {
    if (iterations === 0) continue;
    const { avg, count } = trendOf(record, 'iteration_duration', { task, user });
    const sum = sums.get(task) ?? { count: 0, sumMs: 0 };
    sums.set(task, { count: sum.count + iterations, sumMs: sum.sumMs + avg * count });
  }
  return [...sums]
    .map(([name, { count, sumMs }]) => ({ name, count, averageMs: sumMs / count }))
    .sort((a, b) => b.count - a.count);
}

function configuration(record: RunRecord, { durationMs }: Operations): string[] {
  const { plan } = record;
  const lines = [
    '⚙️  Test Configuration:',
    `   Suite: ${oneLine(plan.suite)}`,
    `   Profile: ${oneLine(plan.profile)}`,
  ];
  const [only] = plan.scenarios;
  if (plan.scenarios.length === 1 && only !== undefined) lines.push(...scenarioLines(only, '   '));
  else {
    for (const scenario of plan.scenarios) {
      lines.push(`   ${oneLine(scenario.name)}:`, ...scenarioLines(scenario, '      '));
    }
  }
  return [...lines, `   Test Duration: ${seconds(durationMs)}`];
}

function scenarioLines({ executor, users }: ScenarioPlan, indent: string): string[] {
  const lines = [`Concurrent Users: ${maxVusOf(executor)}`];
  const fixed = fixedIterationsOf(executor);
  if (fixed !== undefined) {
    lines.push(
      'perVu' in fixed ? `Operations per User: ${fixed.perVu}` : `Operations in all: ${fixed.shared}`,
    );
  }
  const thinkTimes = [...new Set(users.map(({ thinkTime }) => formatThinkTime(thinkTime)))];
  lines.push(`Think Time: ${thinkTimes.join(', ')}`);
  if ('rampUpMs' in executor) lines.push(`Ramp-up Time: ${executor.rampUpMs / 1000}s`);
  return lines.map((line) => indent + line);
}

function formatThinkTime(thinkTime: ThinkTimePlan): string {
  switch (thinkTime.kind) {
    case 'none':
      return '0ms';
    case 'fixed':
      return `${thinkTime.ms}ms`;
    case 'uniform':
      return `${thinkTime.minMs}-${thinkTime.maxMs}ms`;
    case 'suite':
      return 'decided by the suite';
  }
}

function distribution({ plan }: RunRecord): string[] {
  const counts = new Map<string, number>();
  for (const { executor, users } of plan.scenarios) {
    const shares = allocate(
      maxVusOf(executor),
      users.map(({ weight }) => weight),
    );
    for (const [i, { name }] of users.entries()) counts.set(name, (counts.get(name) ?? 0) + shares[i]!);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [
    '👥 User Pattern Distribution:',
    ...[...counts].map(([name, count]) => `   ${oneLine(name)}: ${count} users (${percent(count / total)})`),
  ];
}

function overall({ total, failed, failedRatio, perSec }: Operations): string[] {
  const share = (ratio: number): string => (total === 0 ? '' : ` (${(ratio * 100).toFixed(2)}%)`);
  return [
    '📈 Overall Results:',
    `   Total Operations: ${formatCount(total)}`,
    `   Successful: ${formatCount(total - failed)}${share(1 - failedRatio)}`,
    `   Failed: ${formatCount(failed)}${share(failedRatio)}`,
    `   Throughput: ${perSec.toFixed(2)} ops/sec`,
  ];
}

function responseTimes(record: RunRecord): string[] {
  const { avg, med, 'p(95)': p95, 'p(99)': p99, min, max } = trendOf(record, 'iteration_duration');
  const rows = {
    Average: avg,
    Median: med,
    '95th Percentile': p95,
    '99th Percentile': p99,
    Min: min,
    Max: max,
  };
  return [
    '⏱️  Response Times (ms):',
    ...Object.entries(rows).map(([name, value]) => `   ${name}: ${value.toFixed(2)} ms`),
  ];
}

function breakdown({ each }: Operations): string[] {
  return [
    '🔍 Operation Breakdown:',
    ...each.map(
      ({ name, count, averageMs }) =>
        `   ${oneLine(name)}: ${formatCount(count)} ops, avg ${averageMs.toFixed(2)} ms`,
    ),
    ...(each.length === 0 ? ['   No operation was completed.'] : []),
  ];
}

function assessments(record: RunRecord, operations: Operations): string[] {
  const { total, failed, failedRatio, averageMs, perSec } = operations;
  const heading = '🎯 Performance Assessment:';
  if (total === 0) return [heading, '   ❌ No operation was completed: there is nothing to assess'];
  const line = ({ grade, title, meaning }: Assessment, figure: string): string =>
    `   ${marks[grade]} ${title}: ${figure}: ${meaning}`;
  const throughput = assessThroughput(perSec);
  const mostPerSec = offeredPerSec(record);
  const isOffered = throughput.title !== 'High' && mostPerSec !== undefined && perSec > mostPerSec * 0.8;
  return [
    heading,
    line(assessAverage(averageMs), `average response time ${averageMs.toFixed(2)} ms`),
    line(throughput, `throughput ${perSec.toFixed(2)} ops/sec`),
    ...(isOffered
      ? indented(
          `   This load offers at most ${mostPerSec.toFixed(2)} ops/sec, however fast the system is: think time, ramp-up and pauses take the rest.`,
        )
      : []),
    line(assessSuccess(1 - failedRatio), `success rate ${((1 - failedRatio) * 100).toFixed(2)}%`),
    failed === 0 ? '   ✅ No failed operations' : `   ⚠️  ${formatCount(failed, 'failed operation')}`,
  ];
}

/** Operations per second if each took no time at all; known for scenarios of fixed iterations and pauses. */
function offeredPerSec({ plan }: RunRecord): number | undefined {
  let total = 0;
  let lastEndMs = 0;
  for (const { executor, users, startAtMs } of plan.scenarios) {
    const fixed = fixedIterationsOf(executor);
    if (fixed === undefined || !('perVu' in fixed)) return undefined;
    const { perVu: iterations } = fixed;
    const vus = maxVusOf(executor);
    const rampUpMs = 'rampUpMs' in executor ? executor.rampUpMs : 0;
    const pauses = users.map(({ thinkTime }) => (thinkTime.kind === 'fixed' ? thinkTime.ms : 0));
    const shortestMs = (rampUpMs * (vus - 1)) / vus + (iterations - 1) * Math.min(...pauses);
    total += vus * iterations;
    lastEndMs = Math.max(lastEndMs, startAtMs + shortestMs);
  }
  return lastEndMs === 0 ? undefined : (total * 1000) / lastEndMs;
}

function failures({ errors, generator }: RunRecord, { failed }: Operations): string[] {
  const dropped = generator.droppedIterations;
  const lines = errors
    .slice(0, shownErrors)
    .flatMap(({ count, code, message, firstAtMs, lastAtMs }) => [
      ...indented(`${formatCount(count)} × ${oneLine(code)}: ${oneLine(message, 200)}`),
      `      from ${seconds(firstAtMs)} to ${seconds(lastAtMs)}: over ${seconds(lastAtMs - firstAtMs)}`,
    ]);
  if (errors.length > shownErrors) lines.push(`   and ${errors.length - shownErrors} other kinds of errors`);
  if (dropped > 0) lines.push(`   ${formatCount(dropped)} planned operations were never begun`);
  if (failed === 0 && lines.length === 0) lines.push('   None');
  return ['🧯 Failures:', ...lines];
}

function scaling(record: RunRecord, operations: Operations, report: OperationsReportPlan): string[] {
  const { users: goal, targetMs, recommendation } = report;
  const { users, averageMs, total, failedRatio } = operations;
  const heading = `📊 Scaling to ${goal} Users:`;
  if (total === 0 || averageMs === 0 || assessSuccess(1 - failedRatio).grade === 'poor') {
    return [heading, '   ❌ This run does not allow an estimate: too few operations succeeded'];
  }
  const capacity = Math.floor(linearCapacity(averageMs, users, targetMs));
  const estimateMs = responseTimeBeyond(averageMs, capacity, goal);
  const average = averageMs.toFixed(2);
  const formula =
    goal > capacity
      ? `${average} ms × ${goal} / ${capacity}`
      : `${average} ms, as ${goal} users are within the capacity`;
  const atWork = keyFigures(record).vusMax;
  return [
    heading,
    `   Current capacity: ~${capacity} concurrent users`,
    `      = (${targetMs} ms target / ${average} ms average) × ${users} users`,
    `   Estimated response time at ${goal} users: ${estimateMs.toFixed(0)} ms`,
    `      = ${formula}`,
    ...(atWork < users
      ? indented(
          `At most ${atWork} of the ${users} users were at work at the same time: the capacity may be lower.`,
        )
      : []),
    ...indented(
      'Both are straight lines through one point; plimsoll capacity measures where the system really breaks.',
    ),
    ...conclusion(goal, capacity, users),
    ...(goal <= capacity || recommendation === undefined
      ? []
      : indented(`💡 Recommendation: ${oneLine(recommendation)}`)),
  ];
}

function conclusion(goal: number, capacity: number, users: number): string[] {
  if (goal > capacity) return [`   ⚠️  System may handle ${goal} users with degraded performance`];
  if (goal <= users * farthestFactor) return [`   ✅ System is estimated to handle ${goal} users`];
  const factor = Math.round(goal / users);
  return indented(
    `⚠️  By the formula the system handles ${goal} users, but that is ${factor} times what was tried: raise the load step by step.`,
  );
}

function verdict(record: RunRecord): string[] {
  return [
    `🏁 Verdict: ${verdictTitle(record)}`,
    ...record.verdict.reasons.flatMap((reason) => indented(`- ${oneLine(reason)}`)),
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)}s`;
}

function indented(text: string): string[] {
  return wrapText(text, width - 6).map((line, i) => (i === 0 ? `   ${line}` : `      ${line}`));
}

function percent(ratio: number): string {
  return `${((Number.isFinite(ratio) ? ratio : 0) * 100).toFixed(1)}%`;
}
