// What the signs of the rule about pools measure: who waits for a connection, as the target says or as the load sees it.
// Used by rules-database.ts and rules-load.ts.

import { bottleneckLimits } from '../../model/bottleneck.ts';
import type { Evidence } from '../../model/verdict.ts';
import { countOf } from '../measured.ts';
import type { ObservedSeries } from '../observed-series.ts';
import { leastWaiting } from './database-measures.ts';
import { levelOf, ownFigures, totals } from './figures.ts';
import { meanTime, windowsIn } from './load-figures.ts';
import type { Measured } from './rule.ts';
import type { Scene } from './scene.ts';

/** Fewer requests say nothing of connections for each. */
const fewestRequests = 100;

/** What the target says of a pool: how many wait for a connection, of all operations under way. */
export function waitingOfPool(scene: Scene): Measured[] {
  const wait = '(wait|pending|queue)';
  const pool = '(pool|conn|hikari)';
  const fits = new RegExp(`${pool}.*${wait}|${wait}.*${pool}`);
  return ownFigures(scene, fits, /(time|duration|seconds|_ms|latency)/).flatMap(({ series, definition }) => {
    if (definition.type !== 'gauge' || definition.unit !== 'count') return [];
    const level = levelOf(series, scene.condition.hot);
    const { inFlight } = scene.load;
    if (level === undefined || level.mean < leastWaiting || inFlight <= 0) return [];
    const more: Evidence[] = [
      { name: `mean of ${series.name}`, value: level.mean, unit: 'count' },
      { name: 'operations under way (Little’s law)', value: inFlight, unit: 'count' },
    ];
    const value = Math.min(1, level.mean / inFlight);
    return [
      {
        name: `share of operations under way in ${series.name}`,
        title: series.title,
        value,
        unit: 'ratio' as const,
        readings: level.readings,
        series,
        more,
      },
    ];
  });
}

/** Of statements that the load itself sends: the part of their time in which they wait for a connection. */
export function waitForPool({ measured, condition }: Scene): Measured[] {
  const windows = windowsIn(measured.timeline, condition.hot);
  const waited = meanTime(windows, 'sql_pool_wait');
  const worked = meanTime(windows, 'sql_op_duration');
  const waitedMs = waited.meanMs * waited.count;
  const totalMs = waitedMs + worked.meanMs * worked.count;
  if (totalMs === 0 || waited.count === 0) return [];
  const more = [
    { name: 'mean of sql_pool_wait', value: waited.meanMs, unit: 'ms' },
    { name: 'mean of sql_op_duration', value: worked.meanMs, unit: 'ms' },
  ];
  return [
    {
      name: 'share of sql_pool_wait',
      title: 'time that statements wait for a connection',
      value: waitedMs / totalMs,
      unit: 'ratio',
      more,
    },
  ];
}

/** A ratio that the target reports, or its connections in use of those that its pool may have. */
export function usedOfPool(scene: Scene): Measured[] {
  const { hot } = scene.condition;
  const levelled = (series: ObservedSeries): number | undefined => levelOf(series, hot)?.mean;
  const pools = ownFigures(scene, /(pool|hikari)/);
  const ratios = pools.filter(
    ({ definition, words }) => definition.unit === 'ratio' && /(us|util|busy|ratio)/.test(words),
  );
  const used = pools.find(
    ({ words, definition }) => /(used|in.use|active|busy)/.test(words) && definition.unit === 'count',
  );
  const size = pools.find(
    ({ words, definition }) => /(size|max|limit)/.test(words) && definition.unit === 'count',
  );
  const found = ratios.flatMap(({ series }): Measured[] => {
    const value = levelled(series);
    return value === undefined
      ? []
      : [{ name: `mean of ${series.name}`, title: series.title, value, unit: 'ratio', series }];
  });
  if (used !== undefined && size !== undefined && used !== size) {
    const [inUse, all] = [levelled(used.series), levelled(size.series)];
    if (inUse !== undefined && all !== undefined && all > 0) {
      found.push({
        name: `${used.series.name} of ${size.series.name}`,
        title: used.series.title,
        value: inUse / all,
        unit: 'ratio',
        series: used.series,
      });
    }
  }
  return found;
}

/**
 * Connections that the database got for each request of the load, beyond one for each virtual user. The sign is sure where the
 * target says as well that many of the operations under way wait for a connection.
 */
export function sessionsOpened(scene: Scene): Measured[] {
  const { measured, condition } = scene;
  const requests = countOf(measured, 'http_reqs');
  if (condition.kind?.noun !== 'request' || requests < fewestRequests) return [];
  const vus = measured.metrics.vus_max?.values;
  const users = vus !== undefined && 'max' in vus ? vus.max : 0;
  const waiting = waitingOfPool(scene).filter(({ value }) => value > bottleneckLimits.pool.waiting.limit);
  return totals(scene, ['postgres'], 'connections_opened').map(({ name, title, value, series }) => ({
    name: `${name} for each request`,
    title,
    value: Math.max(0, value - users) / requests,
    unit: 'ratio',
    ...(series !== undefined && { series }),
    more: [
      { name, value, unit: 'count' },
      { name: 'requests', value: requests, unit: 'count' },
      ...waiting.map((one) => ({ name: one.name, value: one.value, unit: one.unit })),
    ],
    ...(waiting.length > 0 && { isSure: true }),
  }));
}
