// Rules about the load itself, what lies between it and the target, and what the target refuses. Used by rules.ts.

import { Histogram } from '../../stats/histogram.ts';
import { countOf } from '../measured.ts';
import { errorShare, sentCount, statusShare } from './error-shares.ts';
import { ownFigures, rateIn, totals, valuesIn, watching } from './figures.ts';
import { meanTime, thinkingShare, windowsIn } from './load-figures.ts';
import { sessionsOpened } from './pool-measures.ts';
import { type Measured, type Rule, rule } from './rule.ts';
import { type Scene, seriesOf } from './scene.ts';

/** A shorter round trip is no burden for anyone. */
const leastTripMs = 5;
/** A smaller difference between what users see and what the target says may be the clocks' own. */
const leastBetweenMs = 10;
/** Fewer operations say nothing of connections for each. */
const fewestOperations = 100;

function generatorReasons({ measured: { generator } }: Scene): Measured[] {
  const value = generator.saturated ? Math.max(1, generator.reasons.length) : 0;
  const more = [
    { name: 'p(95) of generator_cpu', value: generator.cpu['p(95)'], unit: 'ratio' },
    { name: 'p(99) of generator_event_loop_delay', value: generator.eventLoopDelayMs['p(99)'], unit: 'ms' },
  ];
  return [
    {
      name: 'reasons for saturation',
      title: 'reasons for which the generator is saturated',
      value,
      unit: 'count',
      more,
      isSure: true,
    },
  ];
}

/** Asked only where too little came of the load. */
function thinking({ measured, condition }: Scene): Measured[] {
  if (!condition.symptoms.some(({ kind }) => kind === 'throughput')) return [];
  const value = thinkingShare(measured, [condition.load]);
  if (value === undefined) return [];
  return [
    {
      name: 'share of the time outside of iterations',
      title: 'time that virtual users think',
      value,
      unit: 'ratio',
    },
  ];
}

/** A round trip, ms: how long a connection takes to be opened, which the kernel answers, median of those that were. */
function roundTripMs({ measured }: Scene): number | undefined {
  const encoded = measured.metrics.http_req_connecting?.histogram;
  if (encoded === undefined) return undefined;
  const times = Histogram.decode(Buffer.from(encoded, 'base64'));
  const opened = times.count - times.zeros;
  if (opened <= 0) return undefined;
  const openingMs = times.percentile((100 * (times.zeros + opened / 2)) / times.count);
  // Every answer takes a round trip at the least: what opening takes longer than the fastest answer is no part of it, but a
  // machine that is busy or many connections opened at once.
  const waiting = measured.metrics.http_req_waiting?.values;
  const fastestMs = waiting !== undefined && 'min' in waiting ? waiting.min : openingMs;
  return Math.min(openingMs, fastestMs);
}

function trip(scene: Scene): Measured[] {
  const ms = roundTripMs(scene);
  const times = scene.measured.metrics.http_req_duration?.values;
  if (ms === undefined || ms < leastTripMs || times === undefined || !('med' in times) || times.med <= 0)
    return [];
  const more = [
    {
      name: 'round trip: median time to open a connection, no more than the fastest answer took',
      value: ms,
      unit: 'ms',
    },
  ];
  const value = Math.min(1, ms / times.med);
  return [
    { name: 'round trip of the median response time', title: 'round trip', value, unit: 'ratio', more },
  ];
}

const serverTime = /(http|request|response|server|route|handler).*(duration|latency|time|seconds|mean|avg)/;
const othersTime =
  /(upstream|downstream|outbound|external|provider|db|database|query|sql|cache|redis|gc|uptime|start)/;

/** What users see of the response time and the target does not: the network, proxies, queues before it. */
function between(scene: Scene): Measured[] {
  const seenMs = scene.load.meanMs;
  return ownFigures(scene, serverTime, othersTime).flatMap((own): Measured[] => {
    if (own.toMs === undefined || !own.isMean || own.definition.type !== 'gauge') return [];
    const values = valuesIn(own.series, scene.condition.hot);
    if (values.length < 2 || scene.condition.kind?.noun !== 'request') return [];
    const ownMs = (own.toMs * values.reduce((sum, value) => sum + value, 0)) / values.length;
    if (seenMs - ownMs < leastBetweenMs) return [];
    const more = [
      { name: `mean of ${own.series.name}`, value: ownMs, unit: 'ms' },
      { name: 'mean response time that users see', value: seenMs, unit: 'ms' },
    ];
    return [
      {
        name: 'share of the response time outside of the target',
        title: 'time outside of the target',
        value: 1 - ownMs / seenMs,
        unit: 'ratio',
        readings: values.length,
        more,
      },
    ];
  });
}

/** On one machine nothing between the two can lose a segment; the count is that of all its other traffic. */
function resent(scene: Scene): Measured[] {
  if (scene.isLocal) return [];
  const operations = sentCount(scene);
  if (operations < fewestOperations) return [];
  return totals(scene, ['machine', 'generator-machine'], 'tcp_retransmits').map((one) => ({
    ...one,
    name: `${one.name} for each operation`,
    value: one.value / operations,
    unit: 'ratio',
  }));
}

function interfaceErrors(scene: Scene): Measured[] {
  return watching(scene, 'machine', 'generator-machine').flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, 'network_errors');
    const perSec = rateIn(series, scene.condition.hot);
    if (series === undefined || perSec === undefined) return [];
    return [{ name: series.name, title: series.title, value: 60 * perSec, unit: 'per min', series }];
  });
}

/** Connections that HTTP requests and statements opened, beyond one for each virtual user. */
function opened({ measured }: Scene): Measured[] {
  const vus = measured.metrics.vus_max?.values;
  const users = vus !== undefined && 'max' in vus ? vus.max : 0;
  const found: Measured[] = [];
  const add = (connections: number, operations: number, what: string): void => {
    if (operations < fewestOperations) return;
    const value = Math.max(0, connections - users) / operations;
    const more = [
      { name: `connections opened for ${what}`, value: connections, unit: 'count' },
      { name: what, value: operations, unit: 'count' },
    ];
    found.push({
      name: `connections for each of the ${what}`,
      title: `connections opened for ${what}`,
      value,
      unit: 'ratio',
      more,
    });
  };
  const encoded = measured.metrics.http_req_connecting?.histogram;
  if (encoded !== undefined) {
    const times = Histogram.decode(Buffer.from(encoded, 'base64'));
    add(times.count - times.zeros, countOf(measured, 'http_reqs'), 'requests');
  }
  add(countOf(measured, 'sql_connecting'), countOf(measured, 'sql_ops'), 'statements');
  return found;
}

function openingCost({ measured, condition }: Scene): Measured[] {
  const windows = windowsIn(measured.timeline, condition.hot);
  const opening = ['http_req_connecting', 'http_req_tls_handshaking'].reduce(
    (sum, metric) => sum + meanTime(windows, metric).meanMs,
    0,
  );
  const { meanMs } = meanTime(windows, 'http_req_duration');
  if (meanMs === 0 || opening === 0) return [];
  const more = [{ name: 'mean time to open connections, over all requests', value: opening, unit: 'ms' }];
  return [
    {
      name: 'time to open connections, with that of requests',
      title: 'time to open connections',
      value: opening / (opening + meanMs),
      unit: 'ratio',
      more,
    },
  ];
}

const unanswered =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|connection_closed|connection)$|^(?!.*pool).*timeout$/i;

export const loadRules: readonly Rule[] = [
  rule({
    id: 'generator',
    title: 'the load generator',
    explains: ['latency', 'errors', 'throughput'],
    reach: 'system',
    signs: { reasons: { kind: 'saturation', measure: generatorReasons } },
    meaning:
      'The load generator itself was at its limit, so the figures do not show how the target performs.',
    advice:
      'Run with more workers where cores are free, drive the load from another machine than the target’s, or do less in the suite’s own code; then look for bottlenecks of the target.',
    covers: [],
  }),
  rule({
    id: 'load',
    title: 'the load itself',
    explains: ['throughput'],
    reach: 'system',
    signs: { thinking: { kind: 'guess', measure: thinking } },
    meaning:
      'Virtual users spend most of their time thinking, so that throughput is what they ask for, and not what the target could do.',
    advice: 'Raise the number of users, shorten the think time, or drive the wanted rate by an arrival rate.',
    covers: ['BOTTLE-14'],
  }),
  rule({
    id: 'rate-limit',
    title: 'a rate limiter',
    explains: ['errors', 'throughput'],
    reach: 'part',
    signs: {
      refused: { kind: 'errors', measure: (scene) => statusShare(scene, (status) => status === 429) },
    },
    meaning:
      'A limit on the rate of requests refuses some of them with status 429, whatever the target could do.',
    advice:
      'Raise the limit for the test, or exempt the addresses of the load generator; if the limit is meant to be tested, let the suite expect status 429, and lower the load to see how the target performs.',
    covers: ['BOTTLE-16'],
  }),
  rule({
    id: 'network',
    title: 'the network between the load generator and the target',
    explains: ['latency', 'throughput'],
    reach: 'system',
    signs: {
      trip: { kind: 'saturation', measure: trip },
      between: { kind: 'saturation', measure: between },
      resent: { kind: 'errors', measure: resent },
      errors: { kind: 'errors', measure: interfaceErrors },
    },
    follows: ['generator', 'cpu', 'churn'],
    meaning: 'Much of the response time passes before requests reach the target, or after it has answered.',
    advice:
      'Measure the round trip between both machines, look at proxies and load balancers between them, and run the load generator near the target; for users far away, use caches near them, fewer and larger requests, and connections that are kept.',
    covers: ['BOTTLE-4'],
  }),
  rule({
    id: 'churn',
    title: 'opening connections again and again',
    explains: ['latency', 'throughput'],
    reach: 'system',
    signs: {
      opened: { kind: 'waste', measure: opened },
      cost: { kind: 'waste', measure: openingCost },
      sessions: { kind: 'waste', measure: sessionsOpened },
    },
    meaning:
      'Connections are not kept: many operations open one of their own, which costs round trips, handshakes and CPU on both sides.',
    advice:
      'Keep connections alive: look for `connection: close`, short keep-alive times and limits of requests per connection in the target and its proxies, and use a pool of connections to databases.',
    covers: ['BOTTLE-4', 'BOTTLE-8'],
  }),
  rule({
    id: 'overload',
    title: 'an overloaded target',
    explains: ['errors', 'latency', 'throughput'],
    reach: 'system',
    signs: {
      refused: {
        kind: 'errors',
        measure: (scene) => errorShare(scene, unanswered, 'were refused, broken off or not answered in time'),
      },
      unavailable: { kind: 'errors', measure: (scene) => statusShare(scene, (status) => status === 503) },
    },
    follows: [
      ...([
        'generator',
        'locks',
        'missing-index',
        'n-plus-one',
        'statements',
        'pool',
        'connections',
      ] as const),
      ...([
        'database',
        'cpu',
        'collection',
        'memory',
        'leak',
        'disk',
        'network',
        'downstream',
        'cache',
      ] as const),
    ],
    meaning:
      'The target refuses operations, breaks them off or does not answer in time: it is given more than it can do.',
    advice:
      'Find out what gives first by watching CPU, memory, database and pools; add resources, refuse what exceeds the capacity early (circuit breakers, load shedding), and give timeouts and errors a proper answer.',
    covers: ['BOTTLE-16', 'BOTTLE-19'],
  }),
  rule({
    id: 'failures',
    title: 'operations that fail',
    explains: ['errors'],
    reach: 'part',
    signs: {
      internal: {
        kind: 'errors',
        measure: (scene) =>
          statusShare(scene, (status) => status >= 500 && ![502, 503, 504].includes(status)),
      },
      data: {
        kind: 'errors',
        measure: (scene) =>
          errorShare(scene, /^(deadlock|serialization|constraint)$/, 'failed for the data they met'),
      },
    },
    follows: [
      ...(['generator', 'locks', 'pool', 'connections', 'database', 'cpu', 'memory', 'downstream'] as const),
    ],
    meaning: 'Operations fail inside the target, or because of the data that they meet.',
    advice:
      'Look at the log of the target at the time of the first error; for deadlocks and conflicts at the order of locks and at retries, for violated constraints at the test data and at what earlier runs have left.',
    covers: ['BOTTLE-19'],
  }),
];
