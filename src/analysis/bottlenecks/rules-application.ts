// Rules about caches, other systems that the target calls, and cold starts. Used by rules.ts.

import type { Evidence } from '../../model/verdict.ts';
import { operationCosts, slowPart } from '../slowest-operations.ts';
import { timeInDatabase } from './database-measures.ts';
import { statusShare } from './error-shares.ts';
import { levelOf, means, ownFigures, rateIn, watching } from './figures.ts';
import { isOfNoMoreLoad, meanTime, windowsIn } from './load-figures.ts';
import { type Measured, type Rule, rule } from './rule.ts';
import { type Scene, seriesOf } from './scene.ts';
import { hasShortWaits, isStarved } from './waits-for-cpu.ts';

/** A cache that is asked by fewer than one operation in so many cannot be what makes the rest slow. */
const leastLookupsPerOperation = 0.1;
/** Calls that are faster make nobody wait for long. */
const leastOthersMs = 20;
/** Below these the target's CPU and its database count as idle. */
const idleCpu = 0.5;
const idleDatabase = 0.3;
/** A cold start that costs less is none to speak of. */
const leastSlowerMs = 20;
const leastWindows = 10;

function lookupsPerOperation({ load }: Scene, lookupsPerSec: number): number {
  const perSec = load.seconds === 0 ? 0 : load.operations / load.seconds;
  return perSec === 0 ? 0 : lookupsPerSec / perSec;
}

/** Redis: its own ratio, where operations ask it often enough. */
function redisHits(scene: Scene): Measured[] {
  return watching(scene, 'redis').flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, 'hit_ratio');
    const level = levelOf(series, scene.condition.hot);
    const lookups = redisLookups(scene, name);
    if (series === undefined || level === undefined || lookups === undefined) return [];
    if (lookupsPerOperation(scene, lookups) < leastLookupsPerOperation) return [];
    return [
      {
        name: `mean of ${series.name}`,
        title: series.title,
        value: level.mean,
        unit: 'ratio',
        readings: level.readings,
        series,
      },
    ];
  });
}

function redisLookups(scene: Scene, name: string): number | undefined {
  const [hits, misses] = ['hits', 'misses'].map((figure) =>
    rateIn(seriesOf(scene, name, figure), scene.condition.hot),
  );
  return hits === undefined || misses === undefined ? undefined : hits + misses;
}

/** Caches within the target: a ratio that it reports, or counters of hits and misses that belong together by their names. */
function ownHits(scene: Scene): Measured[] {
  const { hot } = scene.condition;
  const caches = ownFigures(scene, /cache/);
  const ratios = caches.flatMap(({ series, definition, words }): Measured[] => {
    const level = levelOf(series, hot);
    if (definition.unit !== 'ratio' || !/hit/.test(words) || level === undefined) return [];
    return [
      {
        name: `mean of ${series.name}`,
        title: series.title,
        value: level.mean,
        unit: 'ratio',
        readings: level.readings,
        series,
      },
    ];
  });
  const pairs = caches.flatMap(({ series, definition }): Measured[] => {
    const missed = [
      series.name.replace(/hits(?!.*hits)/, 'misses'),
      series.name.replace(/hit(?!.*hit)/, 'miss'),
    ];
    const others = definition.type === 'counter' && /hit/.test(series.name) ? missed : [];
    const misses = others.map((name) => scene.series.get(name)).find((one) => one !== undefined);
    const [hit, miss] = [rateIn(series, hot), rateIn(misses, hot)];
    if (misses === undefined || hit === undefined || miss === undefined || hit + miss === 0) return [];
    if (lookupsPerOperation(scene, hit + miss) < leastLookupsPerOperation) return [];
    const more: Evidence[] = [
      { name: series.name, value: hit, unit: 'per s' },
      { name: misses.name, value: miss, unit: 'per s' },
    ];
    return [
      {
        name: `${series.name} of all look-ups`,
        title: series.title,
        value: hit / (hit + miss),
        unit: 'ratio',
        more,
      },
    ];
  });
  return [...ratios, ...pairs];
}

function evictions(scene: Scene): Measured[] {
  return watching(scene, 'redis').flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, 'evictions');
    const [evicted, lookups] = [rateIn(series, scene.condition.hot), redisLookups(scene, name)];
    if (series === undefined || evicted === undefined || lookups === undefined || lookups === 0) return [];
    return [
      {
        name: `${series.name} of all look-ups`,
        title: series.title,
        value: evicted / lookups,
        unit: 'ratio',
        series,
      },
    ];
  });
}

const others = /(upstream|downstream|outbound|external|provider|third.?party|partner|crm|helpdesk|llm)/;

/** Times of calls to other systems, where the target tells. */
function timeOfOthers(scene: Scene): Measured[] {
  const { meanMs } = scene.load;
  if (meanMs <= 0) return [];
  return ownFigures(scene, others).flatMap(({ series, definition, toMs, isMean }): Measured[] => {
    const level = levelOf(series, scene.condition.hot);
    if (toMs === undefined || !isMean || definition.type !== 'gauge' || level === undefined) return [];
    const ms = level.mean * toMs;
    if (ms < leastOthersMs) return [];
    const more = [
      { name: `mean of ${series.name}`, value: ms, unit: 'ms' },
      { name: 'mean time of an operation', value: meanMs, unit: 'ms' },
    ];
    return [
      {
        name: `${series.name} of the response time`,
        title: series.title,
        value: Math.min(1, ms / meanMs),
        unit: 'ratio',
        readings: level.readings,
        series,
        more,
      },
    ];
  });
}

/** By exclusion: few operations are slow, while the target and its database, which are both watched, have little to do. */
function slowAndIdle(scene: Scene): Measured[] {
  const cpu = means(scene, ['target'], 'cpu_ratio');
  const slow = slowPart(operationCosts(scene.measured));
  if (cpu.length === 0 || slow.length === 0 || cpu.some(({ value }) => value > idleCpu)) return [];
  if (timeInDatabase(scene).some(({ value }) => value > idleDatabase)) return [];
  const value = slow.reduce((sum, { share }) => sum + share, 0);
  const more: Evidence[] = [
    ...slow
      .slice(0, 3)
      .map((one) => ({ name: `p(95) of ${one.name}`, value: one.times['p(95)'], unit: 'ms' })),
    ...cpu.map((one) => ({ name: one.name, value: one.value, unit: 'ratio' })),
  ];
  return [
    {
      name: 'share of the total time in slow operations',
      title: 'slow operations',
      value: Math.min(1, value),
      unit: 'ratio',
      more,
    },
  ];
}

/**
 * By exclusion: all operations are slow, and the target spends hardly any CPU on them: they wait within it for each other (a queue, a
 * lock, a limit on what runs at one time), or for what it calls. A target that gets no CPU waits for that.
 */
function waitsWithoutWork(scene: Scene): Measured[] {
  const { load, condition, measured } = scene;
  const cpu = means(scene, ['target'], 'cpu_ratio');
  const isSlow = condition.symptoms.some(({ kind }) => kind === 'latency');
  if (!isSlow || cpu.length === 0 || load.meanMs < leastOthersMs || load.inFlight <= 0) return [];
  if (cpu.some(({ value }) => value > idleCpu) || slowPart(operationCosts(measured)).length > 0) return [];
  if (timeInDatabase(scene).some(({ value }) => value > idleDatabase)) return [];
  if (isStarved(scene) && !hasShortWaits(scene)) return [];
  const [first] = cpu;
  // By Little's law as many operations are under way as seconds pass in them each second.
  const busy = cpu.reduce((sum, { value }) => sum + value, 0) / load.inFlight;
  const more: Evidence[] = [
    { name: 'mean time of an operation', value: load.meanMs, unit: 'ms' },
    { name: 'operations under way at one time', value: load.inFlight, unit: 'count' },
    ...cpu.map((one) => ({ name: one.name, value: one.value, unit: 'ratio' })),
  ];
  return [
    {
      name: 'share of the response time without work of the target',
      title: 'waiting',
      value: Math.max(0, 1 - busy),
      unit: 'ratio',
      readings: first!.readings ?? 0,
      more,
    },
  ];
}

/** Only where the plan asks for no more load at first than later, and for the same work. */
function slowerAtFirst({ measured, condition }: Scene): Measured[] {
  const { kind, load } = condition;
  if (kind === undefined) return [];
  const windows = windowsIn(measured.timeline, [load]);
  if (windows.length < leastWindows) return [];
  const fifth = Math.ceil(windows.length / 5);
  const [first, rest] = [windows.slice(0, fifth), windows.slice(fifth)];
  if (!isOfNoMoreLoad(measured, first, rest)) return [];
  const [early, later] = [meanTime(first, kind.duration), meanTime(rest, kind.duration)];
  if (early.count < 20 || later.meanMs <= 0 || early.meanMs - later.meanMs < leastSlowerMs) return [];
  const more = [
    { name: 'mean time in the first fifth', value: early.meanMs, unit: 'ms' },
    { name: 'mean time in the rest', value: later.meanMs, unit: 'ms' },
  ];
  return [
    {
      name: 'first fifth of the load, of the rest',
      title: 'response time at first',
      value: early.meanMs / later.meanMs,
      unit: 'times',
      more,
    },
  ];
}

export const applicationRules: readonly Rule[] = [
  rule({
    id: 'cache',
    title: 'a cache that answers too little',
    explains: ['latency', 'throughput'],
    reach: 'part',
    signs: {
      hits: { kind: 'waste', measure: (scene) => [...redisHits(scene), ...ownHits(scene)] },
      evictions: { kind: 'saturation', measure: evictions },
      memory: { kind: 'utilisation', measure: (scene) => means(scene, ['redis'], 'memory_ratio') },
    },
    meaning: 'Look-ups miss the cache, so that what it should spare is done again.',
    advice:
      'Fill the cache before the load (warming), keep entries longer (TTL), make keys that more requests share, and give it more memory where entries are evicted; review what is kept at all.',
    covers: ['BOTTLE-5', 'BOTTLE-9', 'BOTTLE-13', 'BOTTLE-15'],
  }),
  rule({
    id: 'downstream',
    title: 'a system that the target waits for',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'part',
    signs: {
      time: { kind: 'saturation', measure: timeOfOthers },
      gateway: {
        kind: 'errors',
        measure: (scene) => statusShare(scene, (status) => status === 502 || status === 504),
      },
      idle: { kind: 'guess', measure: slowAndIdle },
      waits: {
        kind: 'guess',
        title: 'waiting: operations wait within the target, or for what it calls',
        measure: waitsWithoutWork,
      },
    },
    follows: ['generator', 'locks', 'pool', 'missing-index', 'n-plus-one', 'statements', 'cache'],
    meaning:
      'The target waits for something else, such as an API of another company or a queue of its own, while it has little to do itself.',
    advice:
      'Measure the calls that these operations make to other systems, and how long they wait within the target for locks, queues and limits on what runs at one time; set timeouts, keep answers that may be kept, move what need not be done at once to the background, and use circuit breakers and retries with growing pauses, so that one slow system does not slow down all.',
    covers: ['BOTTLE-4', 'BOTTLE-11'],
  }),
  rule({
    id: 'cold-start',
    title: 'a cold start',
    explains: ['latency'],
    reach: 'system',
    signs: { slower: { kind: 'waste', measure: slowerAtFirst } },
    follows: ['cache'],
    meaning:
      'Operations are slow at the start of the load and become faster: caches, connections and compiled code are made first.',
    advice:
      'Warm the target up before the load that counts, give the profile a ramp-up, and compare runs that begin alike.',
    covers: ['BOTTLE-20', 'BOTTLE-15'],
  }),
];
