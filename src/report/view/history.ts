// The course of figures over the runs of a profile as sections. cli/history.ts puts them into a paper.

import { figureWords } from '../../model/metric-words.ts';
import type { History, HistoryChange, HistorySeries } from '../../regression/history.ts';
import { comparedWords } from '../../regression/row-words.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { formatUtc } from '../format-values.ts';
import { figure, figureColumn, state, stateColumn, table, text, textColumn } from './cells.ts';
import type { Block, Course, Note, Row, Section, Status } from './section.ts';

const statuses: Readonly<Record<HistoryChange['answer'], Status>> = { worse: 'bad', better: 'good' };
/** Columns of the table of runs. */
const shownFigures = 4;
const shownRuns = { terminal: 30, document: 30 };

/** What a series is of. */
function seriesWords({ key, figure: of }: HistorySeries): string {
  if (of !== undefined) return comparedWords(of);
  return `growth of ${figureWords({ metric: key, type: 'gauge', tags: {}, aggregation: { kind: 'last' } })}`;
}

function valueText(value: number, unit: HistorySeries['unit']): string {
  return formatFigure(value, unit);
}

/** One sentence for each change, present degradations first. */
export function changeSentences({ runs, series }: History): { text: string; status: Status }[] {
  const all = series.flatMap((one) => one.changes.map((change) => ({ one, change })));
  const rank = ({ isPresent, answer }: HistoryChange): number =>
    (isPresent ? 0 : 2) + (answer === 'worse' ? 0 : 1);
  return all
    .sort((a, b) => rank(a.change) - rank(b.change))
    .map(({ one, change }) => {
      const { kind, answer, run, before, after, pValue, isPresent } = change;
      const [from, to] = [before, after].map((value) => valueText(value, one.unit));
      const when = `run ${runs[run]!.id} (${formatUtc(runs[run]!.startedAt)})`;
      const share = one.unit !== 'ratio' && before > 0 ? `, ${shareText(after / before - 1)}` : '';
      const how = {
        shift: `${answer} since ${when}: ${from} before, ${to} from then on`,
        trend: `${answer}, slowly since ${when}: from ${from} to ${to}`,
        last: `${answer} in the last run, ${when}: ${from} before, ${to} in it`,
      }[kind];
      const over = isPresent ? '' : '; another change followed';
      return {
        text: `${seriesWords(one)}: ${how}${share} (p ${pValue < 0.001 ? '< 0.001' : pValue.toFixed(3)})${over}.`,
        status: isPresent ? statuses[answer] : ('none' as const),
      };
    });
}

function shareText(share: number): string {
  const percent = 100 * share;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(1)} %`;
}

/** `id` tells the sections of a page apart; `isToldAbove`: the headline has all changes. */
export function historySection(history: History, title: string, id: string, isToldAbove: boolean): Section {
  const changes = isToldAbove ? [] : changeSentences(history);
  const kept = history.runs.filter(({ left }) => left === undefined).length;
  const blocks: Block[] = [
    { kind: 'notes', look: 'lines', notes: changes.map((one): Note => one) },
    { kind: 'notes', look: 'lines', notes: history.notes.map((note): Note => ({ text: note })) },
    ...history.series.map((one): Course => courseOf(history, one)),
    runsTable(history),
  ];
  return {
    id,
    title,
    summary: `${formatCount(kept, 'run')} compared of ${history.runs.length}`,
    blocks,
  };
}

function courseOf({ runs }: History, series: HistorySeries): Course {
  const { points, unit, changes } = series;
  const values = points.map(({ value }) => value);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const last = points.at(-1);
  const at = new Map(points.map((point) => [point.run, point]));
  const changed = new Map(changes.map(({ run, answer }) => [run, statuses[answer]]));
  return {
    kind: 'course',
    title: seriesWords(series),
    summary:
      last === undefined
        ? 'no run has it'
        : `last ${valueText(last.value, unit)}, least ${valueText(least, unit)}, greatest ${valueText(most, unit)} in ${formatCount(points.length, 'run')}`,
    points: runs.map(({ id, startedAt }, i) => {
      const point = at.get(i);
      const change = changed.get(i);
      const value = point === undefined ? 'none' : valueText(point.value, unit);
      const least = point?.isLeast === true ? ' or more' : '';
      return {
        value: point?.value ?? null,
        label: `${id}, ${formatUtc(startedAt)}: ${value}${least}`,
        ...(change !== undefined && { change }),
      };
    }),
  };
}

/** The newest first. */
function runsTable({ runs, series }: History): Block {
  const shown = series.filter(({ figure: of }) => of?.tags === undefined).slice(0, shownFigures);
  const columns = [
    stateColumn,
    textColumn('Run', { width: 18 }),
    textColumn('Started'),
    ...shown.map((one) => figureColumn(titleOf(one))),
    textColumn('Left out', { width: 40 }),
  ];
  const rows = runs.map(({ id, startedAt, verdict, left }, i): Row => {
    const looks = { pass: 'good', warn: 'caution', fail: 'bad', inconclusive: 'open' } as const;
    return {
      cells: [
        state(looks[verdict], verdict),
        text(id),
        text(formatUtc(startedAt)),
        ...shown.map(({ points, unit }) => {
          const point = points.find(({ run }) => run === i);
          if (point === undefined) return figure(null, 'count');
          const words = `${valueText(point.value, unit)}${point.isLeast ? ' or more' : ''}`;
          return figure(point.value, 'count', { text: words });
        }),
        text(left ?? ''),
      ],
    };
  });
  return table('Runs', columns, rows.toReversed(), {
    limits: shownRuns,
    rest: { noun: 'run', place: 'the JSON report' },
  });
}

function titleOf({ figure: of }: HistorySeries): string {
  if (of === undefined) return 'Memory growth';
  if (of.statistic === 'failed') return 'Failed';
  return of.statistic === 'per second' ? 'Rate' : of.statistic.replace(/[()]/g, '');
}
