// Faults as the reports show them: their section, and the times that the charts shade.

import { type FaultResult, faultResults } from '../../analysis/faults/fault-results.ts';
import type { Judgement } from '../../analysis/faults/judgement.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatFigure, oneLine } from '../format-values.ts';
import { figure, figureColumn, name, row, state, stateColumn, table, text, textColumn } from './cells.ts';
import type { Row, Section, Status } from './section.ts';

/** A fault as the charts over time mark it. */
export interface FaultSpan {
  /** Seconds of the run. */
  readonly from: number;
  readonly until: number;
  readonly text: string;
}

/** Those that were really made, ascending by time; `endMs` is where the charts end. */
export function faultSpans(record: RunRecord, endMs: number): FaultSpan[] {
  const { plan, faults = [] } = record;
  return faults
    .flatMap(({ name: own, fromMs, untilMs }) => {
      const planned = plan.faults?.find((one) => one.name === own);
      if (fromMs === null || planned === undefined) return [];
      const began = Math.max(0, fromMs);
      const until = untilMs ?? endMs;
      const lasted = untilMs === null ? 'until the end' : `for ${formatDuration(until - began)}`;
      const words = `${oneLine(planned.title)} (${planned.kind}), ${lasted}`;
      return [{ from: began / 1000, until: until / 1000, text: words }];
    })
    .sort((a, b) => a.from - b.from);
}

const faultColumns = [
  textColumn('Fault', { width: 40 }),
  textColumn('Kind'),
  textColumn('Made in', { width: 44 }),
  figureColumn('Began'),
  figureColumn('Lasted'),
];
const expectationColumns = [
  textColumn('Fault', { width: 28, isOnce: true }),
  textColumn('Expected', { width: 60 }),
  stateColumn,
  { title: 'Seen', kind: 'detail' } as const,
];

/** What was done to the system, and whether it did what was expected; without blocks for a run without faults. */
export function faultsSection(record: RunRecord): Section {
  const results = faultResults(record);
  const section = { id: 'faults', title: 'Faults' };
  if (results.length === 0) return { ...section, blocks: [] };
  const expected = results.flatMap((result) => expectationRows(result));
  const met = results.flatMap(({ expectations }) => expectations).filter(({ status }) => status === 'met');
  return {
    ...section,
    ...(expected.length > 0 && { summary: `${met.length} of ${expected.length} expectations met` }),
    blocks: [
      table('Faults', faultColumns, results.map(faultRow)),
      ...(expected.length === 0 ? [] : [table('Expectations of faults', expectationColumns, expected)]),
    ],
  };
}

function faultRow({ plan, record, trouble }: FaultResult): Row {
  const [fromMs, untilMs] = [record?.fromMs ?? null, record?.untilMs ?? null];
  const lastedMs = fromMs === null || untilMs === null ? null : untilMs - fromMs;
  return row(
    text(plan.title, trouble.length > 0 ? { remark: trouble.join(' '), status: 'caution' } : {}),
    text(settingsOf(plan)),
    name(plan.on),
    figure(
      fromMs === null ? null : Math.max(0, fromMs),
      'duration',
      fromMs === null ? { text: 'not begun' } : {},
    ),
    figure(
      lastedMs,
      'duration',
      fromMs !== null && lastedMs === null ? { text: 'until the end' } : fromMs === null ? { text: '' } : {},
    ),
  );
}

/** `latency 2s ± 500ms`, `bandwidth 64,000 B/s`, `kill` */
function settingsOf({ kind, delayMs, jitterMs = 0, bytesPerSec }: FaultResult['plan']): string {
  if (delayMs !== undefined) {
    const jitter = jitterMs > 0 ? ` ± ${formatDuration(jitterMs)}` : '';
    return `${kind} ${formatDuration(delayMs)}${jitter}`;
  }
  return bytesPerSec === undefined ? kind : `${kind} ${formatFigure(bytesPerSec, 'bytes')}/s`;
}

const states: Readonly<Record<Judgement['status'], readonly [Status, string]>> = {
  met: ['good', 'met'],
  unmet: ['bad', 'not met'],
  open: ['open', 'open'],
};

function expectationRows({ plan, expectations }: FaultResult): Row[] {
  return expectations.map(({ text: expected, status, detail }) =>
    row(text(plan.title), text(expected), state(...states[status]), text(detail)),
  );
}
