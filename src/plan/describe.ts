// A plan as text, for `inspect` and `--dry-run`: what will happen, in at most 100 columns.

import { durationOf, isArrivalRate, maxVusOf, peakRatePerSec, vuCountAt } from '../executors/of-plan.ts';
import { seriesKey } from '../model/metric.ts';
import { describeSource } from '../model/monitor-settings.ts';
import type { Plan, ScenarioPlan, ThresholdPlan } from '../model/plan.ts';
import { type PlannedServer, plannedServers } from '../protocols/planned-servers.ts';
import { factorText, formatCount, formatRate } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { dataLines } from './describe-data.ts';
import { faultLines } from './describe-faults.ts';
import { objectiveLines } from './describe-objectives.ts';
import { describeScenario, formatTime, labelled } from './describe-scenario.ts';
import { renderSparkline, sampleShape } from './sparkline.ts';

const sparklineWidth = 60;

/** Renders the whole plan; the text ends without a line feed. */
export function describePlan(plan: Plan): string {
  const title = `${plan.suite} · ${plan.profile}${plan.description === '' ? '' : ` · ${plan.description}`}`;
  const tags = Object.entries(plan.tags).map(([name, value]) => `${name}=${value}`);
  const blocks = [
    [...wrap(title), ...head(plan), ...(tags.length === 0 ? [] : labelled('tags', [tags.join('  ')]))],
    plan.search === undefined ? overview(plan) : searchTable(plan),
    // The steps of a search differ in their rate alone, so the first stands for all.
    ...(plan.search === undefined ? plan.scenarios : plan.scenarios.slice(0, 1)).map(describeScenario),
    dataLines(plan),
    monitorLines(plan),
    objectiveLines(plan),
    thresholdLines(plan),
    alertLines(plan),
    faultLines(plan),
    comparisonLines(plan),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function wrap(text: string, width = 100): string[] {
  const lines: string[] = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function head(plan: Plan): string[] {
  const servers = plannedServers(plan);
  const [first] = servers;
  const elsewhere = first === undefined ? noBaseUrl : `none; the suite talks to its ${first.server.noun}`;
  const target = plan.baseUrl ?? elsewhere;
  const longest =
    plan.maxDurationMs > plan.durationMs
      ? `, at most ${formatDuration(plan.maxDurationMs)} with the iterations still running at the end`
      : '';
  return [
    ...whenToRunLines(plan),
    ...labelled('target', [`${target}  (environment ${plan.environment})`]),
    ...servers.flatMap((one) => labelled(one.server.label, [serverLine(one)])),
    ...labelled('duration', [
      `${formatDuration(Math.round(plan.durationMs))}${longest}${compressedText(plan)}`,
    ]),
    ...labelled('seed', [`${plan.seed}, ${formatCount(plan.workers, 'worker')}`]),
  ];
}

/** Said in every line that tells how long a compressed run lasts. */
export function compressedText({ compressed }: Pick<Plan, 'compressed'>): string {
  return compressed === undefined ? '' : ` (compressed ${factorText(compressed)}: shows no compliance)`;
}

const noBaseUrl = 'no base URL; the suite gives full URLs';

function serverLine({ server, planned, url }: PlannedServer): string {
  return `${url ?? `not named yet: set ${server.variable}`}  (${server.describe(planned)})`;
}

function whenToRunLines({ whenToRun }: Plan): string[] {
  if (whenToRun === undefined) return [];
  const [first = '', ...others] = wrap(whenToRun, 84);
  return [...labelled('when to run', [first]), ...others.flatMap((line) => labelled('', [line]))];
}

/** VUs of all scenarios together; only worth a line where there are several. */
function overview(plan: Plan): string[] {
  if (plan.scenarios.length < 2) return [];
  const countAt = (atMs: number): number =>
    plan.scenarios.reduce((sum, one) => sum + vuCountAt(one.executor, atMs - one.startAtMs), 0);
  const shape = renderSparkline(sampleShape(countAt, plan.durationMs, sparklineWidth));
  const rows = plan.scenarios.map((one) => {
    const { startAtMs, executor } = one;
    const endAtMs = startAtMs + durationOf(executor);
    const span = `${formatTime(startAtMs)} to ${formatDuration(endAtMs)}`;
    return `  ${one.name.padEnd(24)} ${span.padEnd(20)} ${executor.kind.padEnd(22)} ${formatCount(maxVusOf(executor), 'VU')}`;
  });
  return [`All scenarios   0s ${shape} ${formatDuration(plan.durationMs)}`, ...rows];
}

function rateOf({ executor }: ScenarioPlan): number {
  return isArrivalRate(executor) ? peakRatePerSec(executor) : 0;
}

function searchTable(plan: Plan): string[] {
  const rates = plan.scenarios.map(rateOf);
  const stepMs = durationOf(plan.scenarios[0]!.executor);
  const steps = plan.scenarios.map(
    (one) => `${one.name} from ${formatTime(one.startAtMs)} ${formatRate(rateOf(one))}`,
  );
  const shown = steps.length > 9 ? [...steps.slice(0, 4), '…', ...steps.slice(-4)] : steps;
  return [
    `Capacity search: ${formatCount(steps.length, 'step')} of ${formatDuration(stepMs)}, ends at the first that breaks a threshold`,
    ...labelled('rate', [`${renderSparkline(rates).slice(0, 80)}`]),
    ...labelled('steps', shown),
  ];
}

const breachWords = { critical: 'fails the run', target: 'warns', search: 'ends the search' } as const;
const widestSeries = 50;

/** Series, expression and level in columns; the steps of a search differ in nothing but their own tag. */
function thresholdLines(plan: Plan): string[] {
  const first = plan.scenarios[0]!.name;
  const shown = plan.thresholds.filter(({ level, tags }) => level !== 'search' || tags.scenario === first);
  if (shown.length === 0) return ['Thresholds: none, so the run passes unless its figures cannot be trusted'];
  const breaches = (['critical', 'target', 'search'] as const)
    .filter((level) => shown.some((one) => one.level === level))
    .map((level) => `of ${level} ${breachWords[level]}`);
  const note = plan.search === undefined ? '' : ', the same for every step';
  const cells = shown.map((one) => [
    seriesKey(one.metric, one.tags),
    one.expression,
    one.level,
    abortText(one),
  ]);
  const widths = cells[0]!.map((_, column) =>
    Math.min(widestSeries, Math.max(...cells.map((row) => row[column]!.length))),
  );
  return [
    `Thresholds: a breach ${breaches.join(', ')}${note}`,
    ...cells.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd()),
  ];
}

function abortText({ abortOnFail, delayAbortEvalMs, level }: ThresholdPlan): string {
  if (!abortOnFail || level === 'search') return '';
  return delayAbortEvalMs > 0 ? `ends the run from ${formatDuration(delayAbortEvalMs)} on` : 'ends the run';
}

function monitorLines({ monitors = [] }: Plan): string[] {
  if (monitors.length === 0) return [];
  const lines = monitors.map(({ name, source, intervalMs }) => {
    const every = `every ${formatDuration(intervalMs)}`;
    return `  ${name.padEnd(20)} ${source.kind.padEnd(16)} ${every.padEnd(12)} ${describeSource(source)}`;
  });
  return ['Monitors: sources watched during the load', ...lines];
}

function alertLines({ alerts = [] }: Plan): string[] {
  if (alerts.length === 0) return [];
  const lines = alerts.flatMap(({ name, rules, abort }) =>
    rules.map(({ level, expression }, k) => {
      const ends = abort && level === 'critical' ? '  ends the run' : '';
      return `  ${(k === 0 ? name : '').padEnd(20)} ${level.padEnd(9)} ${expression}${ends}`;
    }),
  );
  return ['Alerts: reported during the load', ...lines];
}

function comparisonLines({ comparisons = [] }: Plan): string[] {
  if (comparisons.length === 0) return [];
  const lines = comparisons.map(({ name, metric, of, against, limit }) => {
    const sides = `${seriesKey(metric, of)} against ${seriesKey(metric, against)}`;
    return `  ${name}  ${sides}  ${limit === undefined ? 'no limit' : limit.expression}`;
  });
  return ['Comparisons: a difference beyond its limit fails the run', ...lines];
}
