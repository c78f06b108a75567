// The parts of report.html that are neither charts nor tables: verdict, key figures, findings, plan, environment.

import { assertNever } from '../../model/errors.ts';
import type { ArrivalExecutorPlan } from '../../model/executor.ts';
import type { ExecutorPlan, ScenarioPlan, ThinkTimePlan } from '../../model/plan.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import {
  formatBytes,
  formatCount,
  formatEvidence,
  formatMs,
  formatPercent,
  formatPerSec,
  formatUtc,
} from '../format-values.ts';
import { plainPalette, verdictMark } from '../text/terminal.ts';
import { findingLabel } from '../view/finding-kinds.ts';
import { gapTexts } from '../view/gaps.ts';
import { type KeyFigures, keyFigures, verdictTitle } from '../view/record-figures.ts';
import { searchSummary } from '../view/search.ts';
import { type SentRow, sentRows, targetOf, unansweredText } from '../view/sent.ts';
import { emptyNote } from './html-table.ts';
import { escapeHtml } from './html-text.ts';

export function renderVerdict(record: RunRecord): string {
  const { mark } = verdictMark(record, plainPalette);
  const url = targetOf(record);
  const target = url === null ? '' : `<span><code>${escapeHtml(url)}</code></span>`;
  const facts = [
    `<span>${escapeHtml(formatUtc(record.startedAt))}</span>`,
    `<span>${formatDuration(keyFigures(record).durationMs)}</span>`,
    target,
    `<span>environment ${escapeHtml(record.environment.name)}</span>`,
  ];
  const reasons = record.verdict.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`);
  return `<section class="verdict" aria-labelledby="verdict-title">
<p class="status"><span class="mark" aria-hidden="true">${mark}</span> <strong>${verdictTitle(record)}</strong></p>
<h1 id="verdict-title">${escapeHtml(record.suite)} <span class="dim">/</span> ${escapeHtml(record.profile)}</h1>
${record.plan.description === '' ? '' : `<p class="purpose">${escapeHtml(record.plan.description)}</p>`}
<ul class="reasons">${reasons.join('')}</ul>
<p class="facts">${facts.filter((fact) => fact !== '').join('')}</p>
</section>`;
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly bad?: boolean;
}

/** Five tiles of one kind of operations, which name it where there are several. */
function sentTiles({ kind, title, nouns, duration, ...sent }: SentRow, isOneOfMany: boolean): Tile[] {
  const time = (ms: number): string => (duration.count === 0 ? '–' : formatMs(ms));
  const note = (text: string): string => (duration.count === 0 ? 'no sample' : text);
  const times = isOneOfMany ? title : kind === 'iteration' ? 'Duration' : 'Response time';
  return [
    { label: title, value: formatCount(sent.count), note: `${formatPerSec(sent.perSec)} on average` },
    {
      label: isOneOfMany ? `Failed ${nouns}` : 'Failed',
      value: formatPercent(sent.failedRatio),
      note: `${formatCount(sent.failedCount)} ${nouns}${unansweredText(sent)}`,
      bad: sent.failedCount + sent.unansweredCount > 0,
    },
    { label: `${times} p50`, value: time(duration.med), note: note(`average ${time(duration.avg)}`) },
    { label: `${times} p95`, value: time(duration['p(95)']), note: note('1 of 20 took longer') },
    { label: `${times} p99`, value: time(duration['p(99)']), note: note(`slowest ${time(duration.max)}`) },
  ];
}

function iterationTile({ iterations, iterationsFailed, droppedIterations }: KeyFigures): Tile {
  return {
    label: 'Iterations',
    value: formatCount(iterations),
    note: `${formatCount(iterationsFailed)} failed, ${formatCount(droppedIterations)} dropped`,
    bad: iterationsFailed + droppedIterations > 0,
  };
}

/** In place of the iterations, where these are what the first tiles are about. */
function droppedTile({ droppedIterations }: KeyFigures): Tile {
  return {
    label: 'Dropped iterations',
    value: formatCount(droppedIterations),
    note: 'due and never started',
    bad: droppedIterations > 0,
  };
}

function runTiles(figure: KeyFigures): Tile[] {
  const checks = figure.checksPassed + figure.checksFailed;
  return [
    {
      label: 'Virtual users',
      value: formatCount(figure.vusMax),
      note:
        figure.vusAllocated > figure.vusMax
          ? `at most, of ${formatCount(figure.vusAllocated)} allocated`
          : 'at most',
    },
    {
      label: 'Checks passed',
      value: checks === 0 ? '–' : formatPercent(figure.checksPassed / checks),
      note:
        checks === 0 ? 'none made' : `${formatCount(figure.checksFailed)} of ${formatCount(checks)} failed`,
      bad: figure.checksFailed > 0,
    },
  ];
}

/** Rows of four tiles on a wide page: what the run sent first and the run itself, then a row for each further kind. */
export function renderKeyFigures(record: RunRecord): string {
  const figure = keyFigures(record);
  const [first, ...others] = sentRows(record);
  const tiles = [
    ...sentTiles(first, others.length > 0),
    first.kind === 'iteration' ? droppedTile(figure) : iterationTile(figure),
    ...runTiles(figure),
    ...others.flatMap((row) => sentTiles(row, true).slice(0, 4)),
  ];
  const items = tiles.map(
    ({ label, value, note, bad }) =>
      `<div class="tile${bad ? ' attention' : ''}"><dt>${label}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="note">${escapeHtml(note)}</dd></div>`,
  );
  const data = `Received ${formatBytes(figure.bytesReceived)}, sent ${formatBytes(figure.bytesSent)}.`;
  return `<dl class="tiles">${items.join('\n')}</dl><p class="dim">${data}</p>`;
}

export function renderFindings(record: RunRecord): string {
  if (record.findings.length === 0) return emptyNote('Nothing stood out.');
  const items = record.findings.map((finding) => {
    const evidence = finding.evidence.map(({ name, value, unit, limit }) => {
      const bound =
        limit === undefined
          ? ''
          : ` <span class="dim">limit ${escapeHtml(formatEvidence(limit, unit))}</span>`;
      return `<li><code>${escapeHtml(name)}</code> <b>${escapeHtml(formatEvidence(value, unit))}</b>${bound}</li>`;
    });
    const advice =
      finding.advice === undefined ? '' : `<p class="advice"><b>Advice</b> ${escapeHtml(finding.advice)}</p>`;
    return `<article class="finding ${finding.severity}"><h3>${escapeHtml(finding.title)} <span class="tag">${finding.severity}</span><span class="tag">${escapeHtml(findingLabel(finding))}</span></h3>
<p>${escapeHtml(finding.detail)}</p>${evidence.length === 0 ? '' : `<ul class="evidence">${evidence.join('')}</ul>`}${advice}</article>`;
  });
  return items.join('\n');
}

export function renderGeneratorFacts({ generator: health, recovery }: RunRecord): string {
  const state = health.saturated
    ? `<p class="state warn"><span aria-hidden="true">!</span> Saturated: the load generator, not the target, limited this run.</p><ul>${health.reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`
    : '<p class="state pass"><span aria-hidden="true">✓</span> Kept up: the figures describe the target, not the generator.</p>';
  const lag = health.scheduleLagMs.count === 0 ? 'not measured' : formatMs(health.scheduleLagMs['p(99)']);
  const gaps = gapTexts(health.gaps);
  const workers = health.workers.map(
    ({ index, cpuMs, peakMemoryBytes, completed }) =>
      `worker ${index}: ${formatMs(cpuMs)} CPU, ${formatBytes(peakMemoryBytes)} at most${completed ? '' : ', lost'}`,
  );
  return `${state}${factList([
    ['CPU, p95', `${formatPercent(health.cpu['p(95)'])} of a core`],
    ['Event-loop delay, p99', formatMs(health.eventLoopDelayMs['p(99)'])],
    ['Schedule lag, p99', lag],
    ['Longest garbage collection', formatMs(health.gcPauseMs.max)],
    ['Dropped iterations', formatCount(health.droppedIterations)],
    ...(gaps.length === 0 ? [] : [['Load missing', gaps.join('; ')] as const]),
    ['Workers', workers.length > 0 ? workers.join('; ') : recovery?.killed ? 'not known' : 'none'],
  ])}`;
}

function factList(facts: readonly (readonly [string, string])[]): string {
  const items = facts.map(
    ([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="facts-list">${items.join('')}</dl>`;
}

export function renderPlan(record: RunRecord): string {
  const { plan } = record;
  // The scenarios of a search differ in their rate only, which the steps show.
  const shown = plan.search === undefined ? plan.scenarios : plan.scenarios.slice(0, 1);
  const search = plan.search === undefined ? '' : `<p>Capacity search: ${searchSummary(record)}.</p>`;
  return `${search}${shown.map(renderScenario).join('\n')}${factList([
    ...(plan.whenToRun === undefined ? [] : [['When to run', plan.whenToRun] as const]),
    ['Duration', `${formatDuration(plan.durationMs)}, at most ${formatDuration(plan.maxDurationMs)}`],
    ['Seed', String(plan.seed)],
    ['Workers', formatCount(plan.workers)],
    ['Request timeout', formatDuration(plan.http.timeoutMs)],
  ])}`;
}

function renderScenario(scenario: ScenarioPlan): string {
  const users = scenario.users.map((user) => {
    const total = user.tasks.reduce((sum, { share }) => sum + share, 0);
    const tasks = user.tasks.map(({ name, share }) => {
      const ratio = user.mix === 'flow' ? share : share / (total || 1);
      return `<li><span>${escapeHtml(name)}</span> <b>${formatPercent(ratio)}</b></li>`;
    });
    const mix = user.mix === 'flow' ? 'steps in order, each with its probability' : 'one task per iteration';
    return `<li><b>${escapeHtml(user.name)}</b> <span class="dim">weight ${formatCount(user.weight)}, ${thinkTimeText(user.thinkTime)}, ${mix}</span><ul class="mix">${tasks.join('')}</ul></li>`;
  });
  const start = scenario.startAtMs === 0 ? '' : `, from ${formatDuration(scenario.startAtMs)} on`;
  return `<article class="scenario"><h3>${escapeHtml(scenario.name)} <span class="tag">${scenario.executor.kind}</span></h3>
<p>${escapeHtml(executorText(scenario.executor))}${start}.</p><ul class="users">${users.join('')}</ul></article>`;
}

function thinkTimeText(thinkTime: ThinkTimePlan): string {
  switch (thinkTime.kind) {
    case 'none':
      return 'no think time';
    case 'fixed':
      return `think time ${formatDuration(thinkTime.ms)}`;
    case 'uniform':
      return `think time ${formatDuration(thinkTime.minMs)} to ${formatDuration(thinkTime.maxMs)}`;
    case 'suite':
      return 'think time decided by the suite';
    default:
      return assertNever(thinkTime);
  }
}

function executorText(executor: ExecutorPlan): string {
  switch (executor.kind) {
    case 'constant-vus': {
      const ramp = executor.rampUpMs === 0 ? '' : `, reached within ${formatDuration(executor.rampUpMs)}`;
      return `${formatCount(executor.vus)} VUs for ${formatDuration(executor.durationMs)}${ramp}`;
    }
    case 'ramping-vus': {
      const stages = executor.stages.map(
        ({ durationMs, target }) => `to ${formatCount(target)} within ${formatDuration(durationMs)}`,
      );
      return `From ${formatCount(executor.startVUs)} VUs ${stages.join(', ')}`;
    }
    case 'per-vu-iterations':
      return `${formatCount(executor.vus)} VUs with ${formatCount(executor.iterations)} iterations each, at most ${formatDuration(executor.maxDurationMs)}`;
    case 'shared-iterations':
      return `${formatCount(executor.iterations)} iterations shared by ${formatCount(executor.vus)} VUs, at most ${formatDuration(executor.maxDurationMs)}`;
    case 'constant-arrival-rate':
      return `${formatPerSec(executor.ratePerSec)} iterations started for ${formatDuration(executor.durationMs)}, ${arrivalText(executor)}`;
    case 'ramping-arrival-rate': {
      const stages = executor.stages.map(
        ({ durationMs, target }) => `to ${formatPerSec(target)} within ${formatDuration(durationMs)}`,
      );
      return `Iterations started from ${formatPerSec(executor.startRatePerSec)} ${stages.join(', ')}, ${arrivalText(executor)}`;
    }
    case 'externally-controlled':
      return `${formatCount(executor.vus)} VUs at the start and at most ${formatCount(executor.maxVUs)}, as asked for, for ${formatDuration(executor.durationMs)}`;
    default:
      return assertNever(executor);
  }
}

function arrivalText({ preAllocatedVUs, maxVUs, arrivals }: ArrivalExecutorPlan): string {
  const vus = `by ${formatCount(preAllocatedVUs)} to ${formatCount(maxVUs)} VUs`;
  return arrivals === undefined ? vus : `${vus}, at random as independent visitors come (${arrivals})`;
}

export function renderEnvironment(record: RunRecord): string {
  const { environment, id } = record;
  return factList([
    ['Target', targetOf(record) ?? 'none'],
    ['Environment', environment.name],
    ['Plimsoll', environment.plimsoll],
    ['Node', environment.node],
    ['System', environment.os],
    ['Processor', `${environment.cpuModel}, ${formatCount(environment.cpuCount)} cores`],
    ['Memory', formatBytes(environment.memoryBytes)],
    ['CI', environment.ci ? 'yes' : 'no'],
    ['Run', id],
  ]);
}
