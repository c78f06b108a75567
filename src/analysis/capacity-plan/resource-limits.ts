// What a database, memory and CPU permit, what a run took of it, and what should be the most. Called by capacity-plan.ts.

import type { CapacityBuffers } from '../../model/capacity-plan.ts';
import { type MonitorRecord, monitorMetric } from '../../model/monitor.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { FigureUnit } from '../../text/format-figure.ts';
import { valueAt } from '../measured.ts';
import { totalOf } from '../recommendations/sizes.ts';
import type { Estimate } from '../scalability.ts';
import { watchesTarget } from '../watched-target.ts';

/** A row of the capacity table. */
export interface CapacityRow {
  readonly subject: keyof CapacityBuffers;
  /** `Users`, `Connections of db`. */
  readonly title: string;
  readonly unit: FigureUnit;
  /** What there is: the load that is carried, or the limit of a resource. */
  readonly current: number;
  /** Where the load may lie; absent for limits, which are known. */
  readonly range?: Estimate;
  /** current × (1 - buffer); users and connections rounded down. */
  readonly recommended: number;
  readonly buffer: number;
  /** Of the run: the most, of CPU the average; absent where it was not read. */
  readonly seen?: number;
}

/** current × (1 - buffer): 500 less 30 % are 350. */
export function recommendedOf(current: number, buffer: number, isWhole: boolean): number {
  const value = Number((current * (1 - buffer)).toPrecision(12));
  return isWhole && value >= 1 ? Math.floor(value) : value;
}

/** One row for each resource of each monitor that tells its limit. */
export function resourceRows(measured: Measurements, buffers: CapacityBuffers): CapacityRow[] {
  return Object.entries(measured.monitors)
    .filter(([name, monitor]) => monitor.readings > 0 && watchesTarget(measured, name, monitor))
    .flatMap(([name, monitor]) => rowsOf(measured, name, monitor, buffers));
}

function rowsOf(
  measured: Measurements,
  name: string,
  { kind }: MonitorRecord,
  buffers: CapacityBuffers,
): CapacityRow[] {
  const seen = (figure: string, of: 'avg' | 'max'): number | undefined => {
    const values = measured.metrics[monitorMetric(name, figure)]?.values;
    const value = values === undefined ? undefined : valueAt(values, of);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const ofTotal = (
    subject: 'connections' | 'memory',
    title: string,
    used: string,
    ratio: string,
  ): CapacityRow[] => {
    const total = totalOf(measured, name, used, ratio);
    if (total === undefined) return [];
    const isWhole = subject === 'connections';
    const current = isWhole ? Math.round(total) : total;
    const unit = isWhole ? 'count' : 'bytes';
    const most = seen(used, 'max');
    return [row({ subject, title: `${title} of ${name}`, unit, current, isWhole }, buffers, most)];
  };
  const cpu = (figure: string): CapacityRow[] => {
    const average = seen(figure, 'avg');
    if (average === undefined) return [];
    return [
      row(
        { subject: 'cpu', title: `CPU of ${name}`, unit: 'ratio', current: 1, isWhole: false },
        buffers,
        average,
      ),
    ];
  };
  switch (kind) {
    case 'postgres':
      return ofTotal('connections', 'Connections', 'connections', 'connections_ratio');
    case 'host':
      return [...ofTotal('memory', 'Memory', 'memory_used_bytes', 'memory_used_ratio'), ...cpu('cpu_ratio')];
    case 'process':
      return [
        ...ofTotal('memory', 'Memory', 'cgroup_memory_bytes', 'cgroup_memory_ratio'),
        ...cpu('cgroup_cpu_ratio'),
      ];
    default:
      return [];
  }
}

function row(
  { isWhole, ...one }: Pick<CapacityRow, 'subject' | 'title' | 'unit' | 'current'> & { isWhole: boolean },
  buffers: CapacityBuffers,
  seen: number | undefined,
): CapacityRow {
  const buffer = buffers[one.subject];
  return {
    ...one,
    buffer,
    recommended: recommendedOf(one.current, buffer, isWhole),
    ...(seen !== undefined && { seen }),
  };
}
