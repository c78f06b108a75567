// The rules of recommendations as data: when each applies, what it recommends, and who says so. Used by recommend.ts.

import type { MonitorKind } from '../../model/monitor.ts';
import type { MonthlyCost, RecommendationRuleId } from '../../model/recommendation.ts';
import type { FigureUnit } from '../../text/format-figure.ts';
import type { Condition, Rule } from './rule.ts';

const pratiko = 'the load-test guide of the Pratiko system';
const members = 'the load-test guide of the members system';
const adapter = 'the load-test guide of the adapter system';
const plimsoll = 'Plimsoll';

function euros(low: number, high: number): MonthlyCost {
  return { currency: 'EUR', low, high };
}

type Figure = readonly [monitor: MonitorKind, figure: string, unit: FigureUnit, what: string];
function over(
  [monitor, figure, unit, what]: Figure,
  of: 'avg' | 'max' | 'sustained',
  limit: number,
): Condition {
  const how = { avg: 'average ', max: 'highest ', sustained: '' }[of];
  const span = of === 'sustained' ? ' over its busiest 5 minutes' : '';
  return { from: 'monitor', monitor, figure, of, is: 'over', limit, unit, what: `${how}${what}${span}` };
}

const cpu: Figure = ['host', 'cpu_ratio', 'ratio', 'CPU'];
const containerCpu: Figure = ['process', 'cgroup_cpu_ratio', 'ratio', 'CPU of the container’s limit'];
const memory: Figure = ['host', 'memory_used_ratio', 'ratio', 'memory'];
const containerMemory: Figure = [
  'process',
  'cgroup_memory_ratio',
  'ratio',
  'memory of the container’s limit',
];
const connections: Figure = ['postgres', 'connections', 'count', 'number of connections'];

const slowStatements: Condition = {
  from: 'monitor',
  monitor: 'postgres',
  figure: 'slow_statements',
  of: 'per minute',
  is: 'over',
  limit: 10,
  unit: 'per min',
  what: 'slow statements',
};
/** Signs that the database is what the system waits for. */
const databasePressure: readonly Condition[] = [
  over(connections, 'max', 70),
  slowStatements,
  over(['postgres', 'connections_ratio', 'ratio', 'share of the permitted connections'], 'max', 0.9),
];
const queryOptions = [
  'Add indexes for frequent queries.',
  'Cache results of queries that rarely change.',
  'Pool connections to the database.',
  'Avoid one query per row (N+1): fetch related rows with the first query, or in one more.',
];
const apiOptions = [
  'Batch requests that belong together.',
  'Compress responses.',
  'Wait for input and output without blocking (async).',
  'Make serialisation cheaper: fewer fields, faster encoders.',
  'Serve static files from a CDN.',
  'Log less in production.',
];
const balancingOptions = [
  'Use sticky sessions where instances cache by session.',
  'Let the load balancer fail over by health checks.',
  'Limit connections per instance, and set limits on memory and CPU.',
  'Scale instances automatically by CPU and memory, and gradually.',
];

export const rules: Readonly<Record<RecommendationRuleId, Rule>> = {
  cpu: {
    component: 'CPU',
    against: ['cpu'],
    priority: 'high',
    effort: 'low',
    cost: euros(50, 100),
    improvement: '40 % performance gain',
    source: pratiko,
    when: [over(cpu, 'avg', 0.7), over(containerCpu, 'avg', 0.7)],
    current: 'the cores of today',
    recommended: 'twice the cores',
    change: 'The same load would keep a smaller share of the cores busy.',
    verify: 'Average CPU must stay at or below 70 % at the same load.',
    options: apiOptions,
  },
  memory: {
    component: 'Memory',
    against: ['memory'],
    priority: 'high',
    effort: 'low',
    cost: euros(30, 60),
    improvement: '35 % performance gain',
    source: pratiko,
    when: [over(memory, 'avg', 0.8), over(containerMemory, 'avg', 0.8)],
    current: 'the memory of today',
    recommended: 'twice the memory',
    change: 'The same load would take a smaller share of the memory; a leak would only take longer.',
    verify: 'Average memory must stay at or below 80 % at the same load.',
  },
  database: {
    component: 'Database',
    against: ['database', 'statements', 'connections'],
    priority: 'medium',
    effort: 'medium',
    cost: euros(100, 200),
    improvement: '25 % query performance',
    source: pratiko,
    when: [over(connections, 'max', 70), slowStatements],
    current: 'single PostgreSQL instance',
    recommended: 'primary + 2 read replicas',
    change: 'Statements that only read would leave the primary; statements that write stay there.',
    verify:
      'The primary must have at most 70 connections, and at most 10 slow statements per minute, at the same load.',
    options: queryOptions,
  },
  'read-replicas': {
    component: 'Database',
    against: ['database', 'statements'],
    priority: 'medium',
    effort: 'medium',
    improvement: '2–3× capacity',
    source: members,
    when: [{ from: 'reads', atLeast: 0.6 }],
    and: databasePressure,
    current: 'reads and writes on one server',
    recommended: 'writes on the primary, reads on replicas',
    change: 'What only reads would be divided among the replicas.',
    verify: 'The capacity that a search finds must rise: compare it before and after.',
  },
  'query-cache': {
    component: 'Cache',
    against: ['database', 'statements', 'n-plus-one'],
    priority: 'medium',
    effort: 'medium',
    improvement: '3–5× capacity for cached queries',
    source: members,
    when: [{ from: 'reads', atLeast: 0.6 }],
    and: databasePressure,
    current: 'reads that go to the database',
    recommended: 'a cache (Redis or Memcached) for sessions and for data that is read often',
    change: 'Reads that are found in the cache would not reach the database.',
    verify:
      'Watch the cache: at least 70 % of lookups must be found, and the statements per request must fall.',
  },
  'connection-pool': {
    component: 'Database connections',
    against: ['pool', 'connections'],
    priority: 'high',
    effort: 'low',
    source: `${members}; ${adapter}`,
    when: [
      over(['postgres', 'connections_ratio', 'ratio', 'share of the permitted connections'], 'max', 0.9),
    ],
    current: 'connections near their limit',
    recommended:
      'a pool in front of the database, such as 20 connections, 40 more at peaks, renewed after 1 hour; or a higher limit on the server',
    change: 'Requests would wait for a connection of the pool in place of being refused one.',
    verify: 'At most 90 % of the permitted connections may be in use at the same load.',
  },
  indexes: {
    component: 'Database queries',
    against: ['missing-index', 'statements', 'database'],
    priority: 'high',
    effort: 'low',
    source: members,
    when: [slowStatements],
    current: 'statements that take longer than the monitor’s limit',
    recommended: 'indexes on the columns that the slowest statements filter, join and sort by',
    change: 'Statements that scan a table would find their rows by an index; writes cost a little more.',
    verify:
      'EXPLAIN (ANALYZE, BUFFERS) of the slowest statements must show the index; at most 10 slow statements per minute at the same load.',
    options: queryOptions,
  },
  'cache-hits': {
    component: 'Cache',
    against: ['cache'],
    priority: 'medium',
    effort: 'medium',
    source: pratiko,
    when: [
      {
        from: 'monitor',
        monitor: 'redis',
        figure: 'hit_ratio',
        of: 'avg',
        is: 'under',
        limit: 0.7,
        unit: 'ratio',
        what: 'average share of hits',
      },
    ],
    current: 'a cache that is missed often',
    recommended: 'longer lifetimes for stable data, and warming of the cache',
    change: 'More lookups would be found, and fewer would reach what stands behind the cache.',
    verify: 'At least 70 % of lookups must be found after the warm-up, at the same load.',
    options: [
      'Review keys: those that hold what differs by user are rarely hit.',
      'Compress what is cached.',
    ],
  },
  'cache-memory': {
    component: 'Cache memory',
    against: ['cache'],
    priority: 'medium',
    effort: 'low',
    source: pratiko,
    when: [
      over(['redis', 'memory_bytes', 'bytes', 'memory of Redis'], 'max', 4e9),
      over(['redis', 'memory_ratio', 'ratio', 'memory of Redis’s limit'], 'max', 0.9),
      {
        from: 'monitor',
        monitor: 'redis',
        figure: 'evictions',
        of: 'per minute',
        is: 'over',
        limit: 10,
        unit: 'per min',
        what: 'evictions',
      },
    ],
    current: 'a cache that is nearly full',
    recommended: 'more memory for Redis, or a cluster of several',
    change: 'Keys would stay until they expire, in place of being evicted.',
    verify: 'There must be no evictions, and less than 90 % of the memory in use, at the same load.',
  },
  'scale-out': {
    component: 'Application instances',
    against: ['cpu', 'memory'],
    priority: 'medium',
    effort: 'medium',
    improvement: '3–5× capacity with 3–5 application servers',
    source: `${members}; ${adapter}`,
    when: [
      { from: 'growth' },
      over(cpu, 'sustained', 0.7),
      over(containerCpu, 'sustained', 0.7),
      over(memory, 'avg', 0.75),
      over(containerMemory, 'avg', 0.75),
    ],
    current: 'the instances of today',
    recommended: 'more application servers behind a load balancer (nginx, HAProxy)',
    change:
      'Each instance would carry a part of the load; what all of them share, such as the database, stays the limit.',
    verify: 'Measure one, two and three instances: the capacity must grow with them.',
    options: balancingOptions,
  },
  sharding: {
    component: 'Database',
    against: ['database'],
    priority: 'low',
    effort: 'high',
    improvement: '10× capacity and more',
    source: members,
    when: [{ from: 'users', atLeast: 10_000 }],
    and: databasePressure,
    current: 'one database for all',
    recommended: 'shards by organisation or region',
    change: 'Each shard would hold a part of the data; queries across shards become harder.',
    verify: 'Measure one shard with its part of the users before the second is built.',
  },
  'memory-leak': {
    component: 'Memory',
    against: ['memory', 'collection'],
    priority: 'high',
    effort: 'medium',
    source: adapter,
    when: [{ from: 'finding', finding: 'leak', unit: 'bytes' }],
    current: 'memory that grows and does not flatten',
    recommended: 'find and mend the leak before memory is added',
    change: 'Memory would stay level under a steady load.',
    verify: 'Run as long again: the growth must be below 100 MB an hour.',
    options: [
      'Compare heap snapshots from the beginning and the end of a run.',
      'Look for connections that are not closed, and for caches without a limit.',
    ],
  },
  'open-files': {
    component: 'File descriptors',
    priority: 'high',
    effort: 'low',
    source: plimsoll,
    when: [over(['process', 'open_files_ratio', 'ratio', 'share of the permitted open files'], 'max', 0.8)],
    current: 'open files near their limit',
    recommended: 'a higher limit on open files (ulimit -n), once it is clear that none is left open',
    change: 'Connections and files would not be refused at the limit.',
    verify: 'At most 80 % of the permitted files may be open at the same load.',
  },
  'watch-target': {
    component: 'Monitoring',
    priority: 'medium',
    effort: 'low',
    source: pratiko,
    when: [{ from: 'unwatched' }],
    current: 'nothing of the target was watched',
    recommended: 'monitors of its host, process, database and cache in the suite (`monitors`)',
    change: 'The next run would show what was busy when the limit broke.',
    verify: 'The next report must have the section “Watched during the load”.',
    options: [
      'Add performance monitoring of the application (APM) and distributed tracing.',
      'Alert on the limits that matter.',
    ],
  },
};
