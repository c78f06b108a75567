// How large things are and would be, for recommendations that name sizes: cores, memory, connections. Used by recommend.ts.

import { monitorMetric } from '../../model/monitor.ts';
import type { Measurements } from '../../model/run-record.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { valueAt } from '../measured.ts';
import { isOfThisMachine } from '../watched-target.ts';
import { type Fired, readShareOf, type Sizes } from './conditions.ts';

/** What is known of a rule's subject in this run. */
export function sizesOf(id: string, fired: readonly Fired[], measured: Measurements): Sizes {
  const own = fired.find(({ sizes }) => sizes !== undefined)?.sizes;
  if (own !== undefined) return own;
  const first = fired.find(({ monitor }) => monitor !== undefined);
  if (first?.monitor === undefined) return {};
  switch (id) {
    case 'cpu':
      return cores(first, first.monitor, measured);
    case 'memory':
      return memory(first, first.monitor, measured);
    case 'database':
      return database(measured);
    case 'indexes':
      return indexes(first.monitor, measured);
    default:
      return {};
  }
}

/** Cores are known of this machine alone. */
function cores({ value }: Fired, name: string, measured: Measurements): Sizes {
  const monitor = measured.monitors[name];
  const halved = formatFigure(value / 2, 'ratio');
  const change = `At the same load twice the cores would be ${halved} busy, if the work spreads over all of them: work in a single thread does not.`;
  const { cpuCount } = measured.environment;
  if (monitor === undefined || !isOfThisMachine(measured, name, monitor) || cpuCount < 1) {
    return monitor?.kind === 'process'
      ? { current: 'the CPU limit of the container', recommended: 'twice the CPU limit', change }
      : { change };
  }
  return { current: formatCount(cpuCount, 'core'), recommended: formatCount(2 * cpuCount, 'core'), change };
}

function memory({ value }: Fired, name: string, measured: Measurements): Sizes {
  const isContainer = measured.monitors[name]?.kind === 'process';
  const [used, ratio] = isContainer
    ? (['cgroup_memory_bytes', 'cgroup_memory_ratio'] as const)
    : (['memory_used_bytes', 'memory_used_ratio'] as const);
  const total = totalOf(measured, name, used, ratio);
  const change = `At the same load ${formatFigure(value / 2, 'ratio')} of twice the memory would be in use; a leak would only take longer.`;
  if (total === undefined) return { change };
  const show = (bytes: number): string => formatFigure(bytes, 'bytes');
  return { current: `${show(total)} RAM`, recommended: `${show(2 * total)} RAM`, change };
}

/** The whole of which a figure is a share, by the averages of both; `undefined` where the record has not both. */
export function totalOf(
  { metrics }: Measurements,
  monitor: string,
  usedFigure: string,
  ratioFigure: string,
): number | undefined {
  const average = (figure: string): number | undefined => {
    const values = metrics[monitorMetric(monitor, figure)]?.values;
    return values === undefined ? undefined : valueAt(values, 'avg');
  };
  const [used, ratio] = [average(usedFigure), average(ratioFigure)];
  if (used === undefined || ratio === undefined || !(ratio > 0)) return undefined;
  const total = used / ratio;
  return Number.isFinite(total) && total > 0 ? total : undefined;
}

function database(measured: Measurements): Sizes {
  const share = readShareOf(measured);
  if (share === undefined) return {};
  return {
    change: `${formatFigure(share, 'ratio')} of the requests only read: as far as their statements do, those would leave the primary; statements that write stay there.`,
  };
}

const mostNamed = 3;
const longestStatement = 120;

/** The slowest statements, where the monitor could read them. */
function indexes(name: string, { monitors }: Measurements): Sizes {
  const slowest = monitors[name]?.tables.find((one) => one.name === 'slowest_statements');
  const at = slowest?.columns.findIndex(({ unit }) => unit === 'text') ?? -1;
  const statements = (slowest?.rows ?? []).flatMap((row) => {
    const text = row[at];
    return typeof text === 'string' && text !== '' ? [shortened(text)] : [];
  });
  if (statements.length === 0) return {};
  return { current: `slowest: ${statements.slice(0, mostNamed).join('; ')}` };
}

function shortened(statement: string): string {
  const text = statement.replaceAll(/\s+/g, ' ').trim();
  return text.length > longestStatement ? `${text.slice(0, longestStatement - 1)}…` : text;
}
