// What a run of `npm run plant` says of its problem, and the table of all. Called by ../plant.ts.

import type { RunRecord } from '../../src/model/run-record.ts';
import type { Finding as AnyFinding } from '../../src/model/verdict.ts';
import { formatFigure } from '../../src/text/format-figure.ts';
import type { Problem } from './problems.ts';

type Finding = AnyFinding & { readonly rule?: string; readonly rank?: number };

export interface Outcome {
  readonly problem: Problem;
  readonly isPlanted: boolean;
  /** Why there is no record. */
  readonly failure?: string;
  /** With a problem: it was named first, as a warning at the least. Without: there was no alarm. */
  readonly isRight?: boolean;
  readonly first?: Finding | undefined;
  /** Of the planted problem; `undefined` where no finding is about it. */
  readonly rank?: number | undefined;
  /** Rules of further warnings and critical findings about bottlenecks. */
  readonly others?: readonly string[];
  readonly p95Ms?: number | undefined;
  readonly perSec?: number | undefined;
  /** CPU of the machine, mean, 0..1: also that of others on it. */
  readonly machineCpu?: number | undefined;
}

export function judge(
  { problem, isPlanted }: Pick<Outcome, 'problem' | 'isPlanted'>,
  record: RunRecord,
): Outcome {
  const found = (record.findings as readonly Finding[])
    .filter(({ kind }) => String(kind) === 'bottleneck')
    .sort((a, b) => (a.rank ?? Number.POSITIVE_INFINITY) - (b.rank ?? Number.POSITIVE_INFINITY));
  const alarms = found.filter(({ severity }) => severity !== 'info');
  const first = isPlanted ? found[0] : alarms[0];
  const isIt = ({ rule }: Finding) => problem.expected.some((id) => id === rule);
  return {
    problem,
    isPlanted,
    first,
    isRight: isPlanted
      ? first !== undefined && first.severity !== 'info' && isIt(first)
      : alarms.length === 0,
    rank: found.find(isIt)?.rank,
    others: alarms.filter((one) => one !== first).map(({ rule }) => rule ?? ''),
    ...figuresOf(problem, record),
  };
}

function figuresOf({ suite }: Problem, { metrics, monitors }: RunRecord) {
  const times = metrics[suite === 'jorge' ? 'http_req_duration' : 'iteration_duration']?.values;
  const count = metrics[suite === 'jorge' ? 'http_reqs' : 'iterations']?.values;
  const cpu = Object.keys(monitors)
    .map((name) => metrics[`monitor_${name}_cpu_ratio`]?.values)
    .filter((_, i) => Object.values(monitors)[i]!.kind === 'host')[0];
  return {
    p95Ms: times !== undefined && 'p(95)' in times ? times['p(95)'] : undefined,
    perSec: count !== undefined && 'rate' in count ? count.rate : undefined,
    machineCpu: cpu !== undefined && 'avg' in cpu ? cpu.avg : undefined,
  };
}

const columns = [
  'run',
  'first finding',
  'severity',
  'rank of the planted',
  'others',
  'p95',
  'per s',
  'machine CPU',
  'right',
];

/** As a Markdown table. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    `${one.problem.title}${one.isPlanted ? '' : ', not planted'}`,
    one.failure ?? one.first?.rule ?? one.first?.title ?? 'none',
    one.first?.severity ?? '',
    one.isPlanted ? String(one.rank ?? 'none') : '',
    one.others?.join(', ') ?? '',
    one.p95Ms === undefined ? '' : formatFigure(one.p95Ms, 'ms'),
    one.perSec === undefined ? '' : one.perSec.toFixed(0),
    one.machineCpu === undefined ? '' : formatFigure(one.machineCpu, 'ratio'),
    one.isRight === true ? 'yes' : 'NO',
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return line(columns) + line(columns.map(() => '---')) + rows.map(line).join('');
}
