// What the signs of the rules about databases measure: locks, statements, and what share of the response time is spent in a
// database. Used by rules-database.ts and rules-application.ts.

import { failedCountOf } from '../../model/operation.ts';
import type { Evidence } from '../../model/verdict.ts';
import type { ObservedSeries } from '../observed-series.ts';
import { levelOf, means, ownFigures, rateIn, totals, valuesIn, watching } from './figures.ts';
import { meanTime, windowsIn } from './load-figures.ts';
import type { Measured } from './rule.ts';
import { type Scene, seriesOf } from './scene.ts';

/** A queue of fewer is no queue. */
export const leastWaiting = 0.5;
/** Text of a statement in evidence, characters at the most. */
const statementLength = 80;
const namedStatements = 3;

export function deadlocks(scene: Scene): Measured[] {
  const seen = scene.measured.errors.filter(({ code }) => code === 'deadlock');
  const value = seen.reduce((sum, { count }) => sum + count, 0);
  const errors = {
    name: 'operations that failed by a deadlock',
    title: 'deadlocks',
    value,
    unit: 'count',
  } as const;
  return [...totals(scene, ['postgres'], 'deadlocks'), ...(value > 0 ? [errors] : [])];
}

/** Of the sessions that run a statement, those that wait for a lock, half of one at least on average. */
export function blockedSessions(scene: Scene): Measured[] {
  return watching(scene, 'postgres').flatMap(({ name }): Measured[] => {
    const { hot } = scene.condition;
    const series = seriesOf(scene, name, 'blocked_sessions');
    const blocked = levelOf(series, hot);
    if (series === undefined || blocked === undefined || blocked.mean < leastWaiting) return [];
    const active = levelOf(seriesOf(scene, name, 'connections_active'), hot)?.mean ?? blocked.mean;
    const more = [
      { name: `mean of ${series.name}`, value: blocked.mean, unit: 'count' },
      { name: 'mean of sessions at work', value: active, unit: 'count' },
    ];
    const value = Math.min(1, blocked.mean / Math.max(active, blocked.mean));
    return [
      {
        name: 'share of sessions that wait for a lock',
        title: series.title,
        value,
        unit: 'ratio',
        readings: blocked.readings,
        series,
        more,
      },
    ];
  });
}

/** What the load sends per second while the run goes badly. */
function operationsPerSec({ load }: Scene): number {
  return load.seconds === 0 ? 0 : load.operations / load.seconds;
}

/** A counter of the database for each operation of the load, both while the run went badly. */
export function perOperation(scene: Scene, figure: string, what: string): Measured[] {
  const operations = operationsPerSec(scene);
  if (operations === 0) return [];
  return watching(scene, 'postgres').flatMap(({ name, monitor }): Measured[] => {
    const series = seriesOf(scene, name, figure);
    const perSec = rateIn(series, scene.condition.hot);
    if (series === undefined || perSec === undefined) return [];
    const more = [
      { name: series.name, value: perSec, unit: 'per s' },
      { name: 'operations of the load', value: operations, unit: 'per s' },
    ];
    const readings = valuesIn(series, scene.condition.hot).length;
    return [
      {
        name: `${what} for each operation`,
        title: `${monitor.title} ${what} for each operation`,
        value: perSec / operations,
        unit: 'count',
        readings,
        series,
        more,
      },
    ];
  });
}

/** Where the load itself consists of statements, how many there are is for the suite to say. */
export function perRequest(scene: Scene, figure: string, what: string): Measured[] {
  return scene.condition.kind?.noun === 'request' ? perOperation(scene, figure, what) : [];
}

/** Counters of statements that the target itself reports, for each request. */
export function reportedStatements(scene: Scene): Measured[] {
  const requests = operationsPerSec(scene);
  if (scene.condition.kind?.noun !== 'request' || requests === 0) return [];
  const figures = ownFigures(
    scene,
    /(quer(y|ies)|statements?)/,
    /(time|duration|seconds|_ms|slow|error|fail)/,
  );
  return figures.flatMap(({ series, definition }): Measured[] => {
    const perSec = definition.type === 'counter' ? rateIn(series, scene.condition.hot) : undefined;
    if (perSec === undefined) return [];
    const more: Evidence[] = [{ name: series.name, value: perSec, unit: 'per s' }];
    const name = `${series.name} for each request`;
    return [{ name, title: series.title, value: perSec / requests, unit: 'count', series, more }];
  });
}

/** The slowest statements by name, where the monitor lists them. */
function slowestNamed(scene: Scene): Evidence[] {
  return watching(scene, 'postgres').flatMap(({ monitor }) =>
    monitor.tables
      .filter(({ name }) => name === 'slowest_statements')
      .flatMap(({ rows }) =>
        rows
          .slice(0, namedStatements)
          .flatMap(([statement, , mean]): Evidence[] =>
            typeof statement === 'string' && typeof mean === 'number' && Number.isFinite(mean)
              ? [{ name: `mean of ${statement.slice(0, statementLength)}`, value: mean, unit: 'ms' }]
              : [],
          ),
      ),
  );
}

export function slowPerMinute(scene: Scene): Measured[] {
  return watching(scene, 'postgres').flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, 'slow_statements');
    const perSec = rateIn(series, scene.condition.hot);
    if (series === undefined || perSec === undefined) return [];
    return [
      {
        name: series.name,
        title: series.title,
        value: 60 * perSec,
        unit: 'per min',
        series,
        more: slowestNamed(scene),
      },
    ];
  });
}

/** Sessions that run a statement and do not wait for a lock; nothing where most of them do. */
function working(
  scene: Scene,
  name: string,
): { mean: number; readings: number; series: ObservedSeries } | undefined {
  const { hot } = scene.condition;
  const series = seriesOf(scene, name, 'connections_active');
  const active = levelOf(series, hot);
  if (series === undefined || active === undefined) return undefined;
  const blocked = levelOf(seriesOf(scene, name, 'blocked_sessions'), hot)?.mean ?? 0;
  if (blocked > active.mean / 2) return undefined;
  return { mean: Math.max(0, active.mean - blocked), readings: active.readings, series };
}

/** By Little's law: of the operations under way, those that the database is working on. */
export function timeInDatabase(scene: Scene): Measured[] {
  const { inFlight } = scene.load;
  if (inFlight <= 0) return [];
  return watching(scene, 'postgres').flatMap(({ name, monitor }): Measured[] => {
    const found = working(scene, name);
    if (found === undefined) return [];
    const { mean, readings, series } = found;
    const more: Evidence[] = [
      { name: `mean of ${series.name} without those that wait for locks`, value: mean, unit: 'count' },
      { name: 'operations under way (Little’s law)', value: inFlight, unit: 'count' },
      ...slowestNamed(scene),
    ];
    const value = mean < leastWaiting ? 0 : Math.min(1, mean / inFlight);
    return [
      {
        name: 'share of operations under way in the database',
        title: `${monitor.title} working`,
        value,
        unit: 'ratio',
        readings,
        series,
        more,
        isSure: true,
      },
    ];
  });
}

/** Where the database shares this machine, whose cores are known: more statements at work than cores to run them. */
export function statementsPerCore(scene: Scene): Measured[] {
  const cores = scene.measured.environment.cpuCount;
  if (!scene.isLocal || cores < 1) return [];
  return watching(scene, 'postgres').flatMap(({ name, plan }): Measured[] => {
    const found = working(scene, name);
    if (found === undefined || !isHere(plan?.source)) return [];
    const { mean, readings, series } = found;
    const more = [{ name: `mean of ${series.name}`, value: mean, unit: 'count' }];
    return [
      {
        name: 'statements at work for each core',
        title: 'statements at work for each core',
        value: mean / cores,
        unit: 'times',
        readings,
        series,
        more,
        isSure: true,
      },
    ];
  });
}

function isHere(source: { readonly kind: string; readonly url?: string } | undefined): boolean {
  const url = source?.url;
  if (url === undefined || !URL.canParse(url)) return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?|)$/.test(new URL(url).hostname);
}

export function serverCpu(scene: Scene): Measured[] {
  const cores = Math.max(1, scene.measured.environment.cpuCount);
  return means(scene, ['server'], 'cpu_ratio').map((one) => ({
    ...one,
    name: `${one.name}, of ${cores} cores`,
    value: one.value / cores,
    isSure: true,
  }));
}

export function averageStatement({ measured, condition }: Scene): Measured[] {
  const { meanMs, count } = meanTime(windowsIn(measured.timeline, condition.hot), 'sql_op_duration');
  return count === 0
    ? []
    : [{ name: 'mean of sql_op_duration', title: 'statements', value: meanMs, unit: 'ms' }];
}

/** Of blocks that statements ask for; without statements of others there is nothing to say. */
export function foundInMemory(scene: Scene): Measured[] {
  const asks = scene.measured.timeline.some(
    ({ metrics }) => failedCountOf(metrics[scene.condition.kind?.count ?? '']) > 0,
  );
  return asks ? means(scene, ['postgres'], 'cache_hit_ratio') : [];
}
