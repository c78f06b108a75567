// Phases, stages and steady state as the reports show them: their section.

import { describeCourse, describeExecutor } from '../../executors/of-plan.ts';
import { operationMetrics } from '../../model/operation.ts';
import type { PhaseFigures, PhaseRecord, SteadyRecord } from '../../model/phase.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import {
  failedCell,
  figure,
  figureColumn,
  name,
  pageOnly,
  row,
  table,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import type { Cell, Row, Section } from './section.ts';

/** Without blocks where there is one scenario without stages that is too short for a steady state. */
export function phasesSection(record: RunRecord): Section {
  const { phases = [], steady = [] } = record;
  const all = [...phases, ...steady].flatMap(({ figures }) => figures.map(({ kind }) => kind));
  const several = new Set(all).size > 1;
  const rows = [
    ...phases.flatMap((one) => rowsOf(one, phaseCell(one, phases), loadOf(record, one), several)),
    ...steady.flatMap((one) => steadyRows(record, one, several)),
  ];
  const notes = steady.flatMap((one) => {
    const reason = reasonOf(record, one);
    const when = `from ${formatDuration(one.fromMs)} to ${formatDuration(one.untilMs)}`;
    return reason === undefined ? [] : [{ text: `No steady state ${when}: ${reason}` }];
  });
  const columns = [
    textColumn('Part', { width: 24, isOnce: true }),
    textColumn('Load', { width: 34, isQuiet: true }),
    figureColumn('From'),
    figureColumn('Until'),
    textColumn('What', { width: 14 }),
    ...['Ended', 'Rate', 'Failed', 'p50', 'p95', 'p99'].map((title) => figureColumn(title)),
    figureColumn('Max', pageOnly),
  ];
  const limits = { terminal: 40, document: 20 };
  return {
    id: 'phases',
    title: 'Phases and stages',
    blocks:
      rows.length === 0
        ? []
        : [
            table('Phases and stages', columns, rows, { limits }),
            ...(notes.length === 0 ? [] : [{ kind: 'notes' as const, look: 'lines' as const, notes }]),
          ],
  };
}

/** The scenario, and below it its stages by their number. */
function phaseCell({ scenario, stage }: PhaseRecord, phases: readonly PhaseRecord[]): Cell {
  if (stage === undefined) return name(scenario);
  const isAlone = phases.every((one) => one.scenario === scenario);
  return name(isAlone ? `stage ${stage}` : `${scenario}, stage ${stage}`);
}

function loadOf({ plan }: RunRecord, { scenario, stage }: PhaseRecord): string {
  const executor = plan.scenarios.find((one) => one.name === scenario)?.executor;
  if (executor === undefined) return '';
  return stage === undefined ? describeExecutor(executor) : (describeCourse(executor)[stage] ?? '');
}

type Timed = Pick<PhaseRecord, 'fromMs' | 'untilMs' | 'figures'>;

function rowsOf({ fromMs, untilMs, figures }: Timed, part: Cell, load: string, several: boolean): Row[] {
  const place = [part, text(load), figure(fromMs, 'duration'), figure(untilMs, 'duration')];
  if (figures.length === 0) return [row(...place, text(''), ...emptyCells())];
  return figures.map((one) =>
    row(...place, text(several ? `${operationMetrics[one.kind].noun}s` : ''), ...cellsOf(one)),
  );
}

function cellsOf({ count, perSec, failed, durations }: PhaseFigures): Cell[] {
  return [
    figure(count, 'count'),
    figure(perSec, 'per s'),
    failedCell(count === 0 ? null : Math.min(1, failed / count), failed),
    timeCell(durations, 'med'),
    timeCell(durations, 'p(95)'),
    timeCell(durations, 'p(99)'),
    timeCell(durations, 'max'),
  ];
}

function emptyCells(): Cell[] {
  return (['count', 'per s', 'ratio', 'ms', 'ms', 'ms', 'ms'] as const).map((unit) => figure(null, unit));
}

function steadyRows(record: RunRecord, one: SteadyRecord, several: boolean): Row[] {
  if (reasonOf(record, one) !== undefined)
    return rowsOf({ ...one, figures: [] }, name('steady state'), 'none, see below', several);
  const left =
    one.warmUpMs === 0 ? 'no warm-up to leave out' : `without ${formatDuration(one.warmUpMs)} of warm-up`;
  return rowsOf(one, name('steady state'), left, several);
}

/** Why nothing of a time of constant load is steady. */
function reasonOf({ generator }: RunRecord, one: SteadyRecord): string | undefined {
  const isMissing = generator.gaps.some(
    ({ measuredUntilMs, untilMs }) =>
      measuredUntilMs < one.untilMs && (untilMs ?? Number.POSITIVE_INFINITY) > one.fromMs,
  );
  return isMissing ? 'the load of a lost worker was missing.' : one.reason;
}
