// What the rules look at: who was watched and what part each has in the run, all series over time, and the figures of the
// load while it went badly. Made once by bottlenecks.ts; figures.ts reads it.

import { type MonitorRecord, monitorMetric } from '../../model/monitor.ts';
import type { MonitorPlan } from '../../model/monitor-settings.ts';
import type { Measurements } from '../../model/run-record.ts';
import { generatorMonitor } from '../../suite/monitor-settings.ts';
import type { Drift } from '../drift.ts';
import type { ObservedSeries } from '../observed-series.ts';
import { isOfThisMachine, runsHere } from '../watched-target.ts';
import type { Condition } from './condition.ts';
import { type LoadFigures, loadFigures } from './load-figures.ts';

/**
 * What a monitor watches. `machine`: one that the target, or a part of it, runs on. `target`: a process of it. `server`:
 * the process of its database or of Redis. `application`: what the target says of itself.
 */
export type Part =
  | 'generator'
  | 'generator-machine'
  | 'machine'
  | 'target'
  | 'server'
  | 'postgres'
  | 'redis'
  | 'application';

export interface Watched {
  readonly name: string;
  readonly part: Part;
  readonly monitor: MonitorRecord;
  readonly plan: MonitorPlan | undefined;
}

export interface Scene {
  readonly measured: Measurements;
  readonly condition: Condition;
  readonly watched: readonly Watched[];
  /** By the name of the metric: `monitor_postgres_connections`. */
  readonly series: ReadonlyMap<string, ObservedSeries>;
  /** Over the time in which the run went badly. */
  readonly load: LoadFigures;
  readonly drifts: readonly Drift[];
  /** The target runs on the machine of the load generator, which both share. */
  readonly isLocal: boolean;
}

const nothing: LoadFigures = { operations: 0, iterations: 0, seconds: 0, meanMs: 0, inFlight: 0 };

export function makeScene(
  measured: Measurements,
  condition: Condition,
  drifts: readonly Drift[],
  series: readonly ObservedSeries[],
): Scene {
  const plans = new Map((measured.plan.monitors ?? []).map((one) => [one.name, one]));
  const isLocal = runsHere(measured);
  const serverPorts = [...plans.values()].flatMap(({ source }) =>
    source.kind === 'postgres' || source.kind === 'redis' ? portOf(source.url) : [],
  );
  const watched = Object.entries(measured.monitors).map(([name, monitor]): Watched => {
    const plan = plans.get(name);
    return {
      name,
      monitor,
      plan,
      part: partOf(name, monitor, plan, {
        isLocal,
        serverPorts,
        isOther: !isOfThisMachine(measured, name, monitor),
      }),
    };
  });
  return {
    measured,
    condition,
    watched,
    series: new Map(series.map((one) => [one.name, one])),
    load: condition.kind === undefined ? nothing : loadFigures(measured, condition.kind, condition.hot),
    drifts,
    isLocal,
  };
}

function partOf(
  name: string,
  { kind }: MonitorRecord,
  plan: MonitorPlan | undefined,
  {
    isLocal,
    serverPorts,
    isOther,
  }: {
    readonly isLocal: boolean;
    readonly serverPorts: readonly number[];
    readonly isOther: boolean;
  },
): Part {
  if (name === generatorMonitor) return 'generator';
  switch (kind) {
    case 'host':
      return isOther || isLocal ? 'machine' : 'generator-machine';
    case 'process': {
      const port = plan?.source.kind === 'process' ? plan.source.port : undefined;
      return port !== undefined && serverPorts.includes(port) ? 'server' : 'target';
    }
    case 'postgres':
    case 'redis':
      return kind;
    default:
      return 'application';
  }
}

const usualPorts: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
};

function portOf(url: string): number[] {
  if (!URL.canParse(url)) return [];
  const { port, protocol } = new URL(url);
  const number = port === '' ? usualPorts[protocol] : Number(port);
  return number === undefined ? [] : [number];
}

/** The series of one figure of a monitor. */
export function seriesOf({ series }: Scene, name: string, figure: string): ObservedSeries | undefined {
  return series.get(monitorMetric(name, figure));
}
