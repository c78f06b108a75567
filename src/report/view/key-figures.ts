// The run in one handful of figures: what it sent first, then its iterations, users and checks.

import type { TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import {
  formatBytes,
  formatCount,
  formatMs,
  formatPercent,
  formatPerSec,
  formatUtc,
  oneLine,
} from '../format-values.ts';
import {
  figure,
  figureColumn,
  inRoom,
  pageOnly,
  row,
  table,
  terminalOnly,
  text,
  textColumn,
} from './cells.ts';
import { type KeyFigures, keyFigures } from './record-figures.ts';
import type { Block, Fact, Section, Table } from './section.ts';
import { type SentRow, sentRows, unansweredText } from './sent.ts';

/** `further` stands below the figures. */
export function keyFiguresSection(record: RunRecord, further: readonly Block[]): Section {
  const figures = keyFigures(record);
  const sent = sentRows(record);
  const [first, ...others] = sent;
  const ofOthers = others.flatMap((one) => sentFacts(one, { isAlone: false, isFirst: false }));
  const isIterations = first.kind === 'iteration';
  const facts: Fact[] = [
    {
      label: 'Run',
      value: ranText(record),
      note: `environment ${oneLine(record.environment.name, 30)}, seed ${record.plan.seed}`,
      ...terminalOnly,
    },
    ...(isIterations ? [iterationsFact(figures)] : []),
    ...sentFacts(first, { isAlone: others.length === 0, isFirst: true }),
    ...inRoom('terminal', ofOthers).map((fact) => ({ ...fact, ...terminalOnly })),
    ...(figures.resent === 0
      ? []
      : [
          {
            label: 'Sent again',
            value: formatCount(figures.resent),
            note: 'connection closed before an answer; counted once',
          },
        ]),
    isIterations ? droppedFact(figures) : iterationsFact(figures),
    {
      label: 'Virtual users',
      value: `${formatCount(figures.vusMax)} at most`,
      note: figures.vusAllocated > figures.vusMax ? `${formatCount(figures.vusAllocated)} allocated` : '',
      isProminent: true,
    },
    checksFact(figures),
    // On a page each further kind has a row of tiles of its own.
    ...inRoom('page', ofOthers).map((fact) => ({ ...fact, ...pageOnly })),
    {
      label: 'Data',
      value: `${formatBytes(figures.bytesReceived)} received`,
      note: `${formatBytes(figures.bytesSent)} sent`,
    },
  ];
  return {
    id: 'figures',
    title: 'Key figures',
    blocks: [{ kind: 'facts', facts, rooms: ['terminal', 'page'] }, sentTable(sent, figures), ...further],
  };
}

/** `20s from 2026-03-14 09:05:07 UTC` */
export function ranText(record: RunRecord): string {
  return `${formatDuration(keyFigures(record).durationMs)} from ${formatUtc(record.startedAt)}`;
}

/** Count, failures and times of one kind of operations; where there are several kinds they name it. */
function sentFacts(one: SentRow, place: { readonly isAlone: boolean; readonly isFirst: boolean }): Fact[] {
  const { kind, title, nouns } = one;
  const share = formatPercent(one.failedRatio);
  const unanswered = unansweredText(one);
  const failed: Fact = {
    label: place.isAlone ? 'Failed' : `Failed ${nouns}`,
    value: share,
    note: `${formatCount(one.failedCount)} ${nouns}${unanswered}`,
    ...(one.failedCount + one.unansweredCount > 0 && { status: 'bad' }),
    isProminent: true,
  };
  const times = timesFact(one, place);
  // Those of iterations are a fact of their own in any case.
  if (kind === 'iteration') return [{ ...failed, ...pageOnly }, times];
  const count = { label: title, value: formatCount(one.count), isProminent: true } as const;
  const rate = formatPerSec(one.perSec);
  if (place.isAlone) return [{ ...count, note: rate }, failed, times];
  const note = `${rate}, ${share} failed (${formatCount(one.failedCount)})${unanswered}`;
  return [
    { ...count, note, ...terminalOnly },
    { ...count, note: rate, ...pageOnly },
    { ...failed, ...pageOnly },
    times,
  ];
}

function timesFact(
  { kind, title, duration }: SentRow,
  { isAlone, isFirst }: { readonly isAlone: boolean; readonly isFirst: boolean },
): Fact {
  const label = kind === 'iteration' ? 'Duration' : 'Response time';
  const ownLabel = isAlone ? label : title;
  const { count, med, 'p(95)': p95, 'p(99)': p99, avg, max } = duration;
  const part = (name: string, ms: number, note: string) => ({
    label: `${ownLabel} ${name}`,
    value: count === 0 ? '–' : formatMs(ms),
    note: count === 0 ? 'no sample' : note,
  });
  const parts = [
    part('p50', med, `average ${formatMs(avg)}`),
    part('p95', p95, '1 of 20 took longer'),
    part('p99', p99, `slowest ${formatMs(max)}`),
  ];
  return {
    label,
    value: count === 0 ? 'no sample' : `p50 ${formatMs(med)}, p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`,
    note: count === 0 ? '' : `average ${formatMs(avg)}, max ${formatMs(max)}`,
    // Four tiles make a row of their own for each further kind.
    parts: isFirst ? parts : parts.slice(0, 2),
    isProminent: true,
  };
}

function iterationsFact({
  iterations,
  iterationsPerSec,
  iterationsFailed,
  droppedIterations,
}: KeyFigures): Fact {
  return {
    label: 'Iterations',
    value: formatCount(iterations),
    note: `${formatPerSec(iterationsPerSec)}, ${formatCount(iterationsFailed)} failed, ${formatCount(droppedIterations)} dropped`,
    ...(iterationsFailed + droppedIterations > 0 && { status: 'bad' }),
    isProminent: true,
  };
}

/** In place of the iterations, where these are what the first figures are about. */
function droppedFact({ droppedIterations }: KeyFigures): Fact {
  return {
    label: 'Dropped iterations',
    value: formatCount(droppedIterations),
    note: 'due and never started',
    ...(droppedIterations > 0 && { status: 'bad' }),
    isProminent: true,
    ...pageOnly,
  };
}

function checksFact({ checksPassed, checksFailed }: KeyFigures): Fact {
  const total = checksPassed + checksFailed;
  if (total === 0) {
    return { label: 'Checks', value: '–', note: 'none made', isProminent: true, ...pageOnly };
  }
  return {
    label: 'Checks',
    value: `${formatPercent(checksPassed / total)} passed`,
    note: `${formatCount(checksFailed)} of ${formatCount(total)} failed`,
    ...(checksFailed > 0 && { status: 'bad' }),
    isProminent: true,
  };
}

/** The same as one table for documents: a row for each kind, and behind the first what is counted once per run. */
function sentTable(sent: readonly [SentRow, ...SentRow[]], figures: KeyFigures): Table {
  const [first] = sent;
  const isAlone = sent.length === 1;
  const ofRun = [
    ...(first.kind === 'iteration' ? [] : [['Iterations', figures.iterations] as const]),
    ['Dropped', figures.droppedIterations] as const,
  ];
  const columns = [
    ...(isAlone ? [] : [textColumn('Sent')]),
    ...[isAlone ? first.title : 'Count', 'Rate', 'Failed', 'p50', 'p95', 'p99', 'Max'].map((title) =>
      figureColumn(title),
    ),
    ...ofRun.map(([title]) => figureColumn(title)),
  ];
  const rows = sent.map((one, k) => {
    const failed = `${formatPercent(one.failedRatio)}${unansweredText(one)}`;
    return row(
      ...(isAlone ? [] : [text(one.title)]),
      figure(one.count, 'count'),
      figure(one.perSec, 'per s'),
      figure(one.failedRatio, 'ratio', { text: failed }),
      ...(['med', 'p(95)', 'p(99)', 'max'] as const).map((key) => sampledTime(one.duration, key)),
      ...ofRun.map(([, count]) => (k === 0 ? figure(count, 'count') : text(''))),
    );
  });
  return table('Key figures', columns, rows, { rooms: ['document'] });
}

function sampledTime(times: TrendValues, key: Exclude<keyof TrendValues, 'count'>) {
  return times.count === 0 ? figure(null, 'ms', { text: 'no sample' }) : figure(times[key], 'ms');
}
