// Bottlenecks as data: which rules there are, what each compares with which limit, and where the limit comes from. Suites
// are checked against it, plans hold what a suite changes, and analysis/bottlenecks/ reads records by it.

/** What a limit is in: `ratio` 0..1, times in ms, `count` anything else, `per min` events a minute, `times` a factor. */
export type LimitUnit = 'ratio' | 'ms' | 'count' | 'per min' | 'times';

/** One sign of a bottleneck: a figure and the limit beyond which it counts. */
export interface BottleneckLimit {
  /** What is compared, in words. */
  readonly what: string;
  /** `over`: it counts above the limit; `under`: below. */
  readonly counts: 'over' | 'under';
  readonly limit: number;
  readonly unit: LimitUnit;
  /** The source document that names the limit (S0 to S4), or `own` with the reason in docs/analysis.md. */
  readonly source: string;
}

function over(limit: number, unit: LimitUnit, what: string, source = 'own'): BottleneckLimit {
  return { what, counts: 'over', limit, unit, source };
}

function under(limit: number, unit: LimitUnit, what: string, source = 'own'): BottleneckLimit {
  return { what, counts: 'under', limit, unit, source };
}

/** By rule, by sign. Values are means over the time in which the run went badly, unless the words say otherwise. */
export const bottleneckLimits = {
  generator: {
    reasons: over(0, 'count', 'reasons for which the load generator counts as saturated'),
  },
  load: {
    thinking: over(0.5, 'ratio', 'share of the time that virtual users spend outside of iterations'),
  },
  'rate-limit': {
    refused: over(0.01, 'ratio', 'share of the answers with status 429', 'S0'),
  },
  locks: {
    blocked: over(0.25, 'ratio', 'share of the database sessions at work that wait for a lock', 'S2'),
    deadlocks: over(0, 'count', 'deadlocks during the load', 'S2'),
  },
  'missing-index': {
    rows: over(10_000, 'count', 'rows that scans of the database read for each operation'),
    scanned: over(2000, 'count', 'rows that sequential scans of its tables read for each operation'),
  },
  'n-plus-one': {
    statements: over(10, 'count', 'statements that the target reports for each request', 'S3'),
    transactions: over(10, 'count', 'transactions of the database for each request', 'S3'),
  },
  statements: {
    slow: over(10, 'per min', 'slow statements a minute', 'S2'),
    running: over(0.5, 'count', 'slow statements that run at one time', 'S2'),
  },
  pool: {
    waiting: over(0.1, 'ratio', 'share of the operations under way that wait for a connection', 'S3'),
    wait: over(0.1, 'ratio', 'share of the time of statements that is waiting for a connection', 'S3'),
    used: over(0.9, 'ratio', 'connections in use of those that the pool has', 'S3'),
    timeouts: over(0, 'ratio', 'share of the operations that got no connection in time', 'S3'),
  },
  connections: {
    ratio: over(0.8, 'ratio', 'connections of those that the database allows', 'S2'),
    refused: over(0, 'ratio', 'share of the operations refused for too many connections', 'S1'),
    rejected: over(0, 'count', 'connections that Redis rejected'),
  },
  database: {
    time: over(0.5, 'ratio', 'share of the operations under way that the database works on', 'S0'),
    cpu: over(0.8, 'ratio', 'CPU of the database server, of all cores', 'S2'),
    sessions: over(1.5, 'times', 'statements at work for each core of the machine that the database shares'),
    average: over(500, 'ms', 'average time of a statement', 'S1'),
    found: under(0.9, 'ratio', 'blocks that the database finds in its memory'),
  },
  cache: {
    hits: under(0.7, 'ratio', 'share of the look-ups that the cache answers', 'S2'),
    evictions: over(0.1, 'ratio', 'entries removed for lack of memory, of the look-ups', 'S2'),
    memory: over(0.9, 'ratio', 'memory of Redis, of its limit', 'S2'),
  },
  cpu: {
    core: over(0.85, 'ratio', 'CPU of a process that uses one core at the most, of that core', 'S2'),
    cores: over(0.8, 'ratio', 'CPU of a process, of all cores', 'S2'),
    container: over(0.8, 'ratio', 'CPU of the container, of its limit', 'S2'),
    throttled: over(0.05, 'ratio', 'scheduling periods in which the container was held back'),
    machine: over(0.8, 'ratio', 'CPU of the machine', 'S2'),
    loop: over(50, 'ms', 'delay of the event loop'),
  },
  collection: {
    share: over(0.1, 'ratio', 'share of the time that goes into garbage collection'),
  },
  memory: {
    machine: over(0.85, 'ratio', 'memory of the machine', 'S2'),
    container: over(0.85, 'ratio', 'memory of the container, of its limit', 'S2'),
    pressure: over(0.1, 'ratio', 'share of the time in which tasks wait for memory'),
    killed: over(0, 'count', 'processes that were killed for lack of memory', 'S2'),
    restarts: over(0, 'count', 'restarts of the process', 'S3'),
  },
  leak: {
    growth: over(0, 'count', 'figures that grow without end under a steady load', 'S0'),
    rise: over(1.5, 'times', 'memory in the last third of the run, of that in the first', 'S3'),
  },
  disk: {
    busy: over(0.8, 'ratio', 'share of the time in which the busiest disk works'),
    iowait: over(0.2, 'ratio', 'share of the time in which a core waits for a disk'),
    pressure: over(0.2, 'ratio', 'share of the time in which tasks wait for a disk'),
  },
  network: {
    trip: over(0.3, 'ratio', 'round trip of a new connection, of the median response time', 'S0'),
    between: over(0.5, 'ratio', 'share of the response time that the target does not see itself', 'S0'),
    resent: over(0.01, 'ratio', 'TCP segments sent again for each operation'),
    errors: over(60, 'per min', 'errors and drops of network interfaces'),
  },
  downstream: {
    time: over(0.5, 'ratio', 'time of calls to other systems, of the response time', 'S3'),
    gateway: over(0.01, 'ratio', 'share of the answers with status 502 or 504', 'S3'),
    idle: over(
      0.5,
      'ratio',
      'share of the total time in slow operations, while CPU and database are idle',
      'S3',
    ),
    waits: over(
      0.9,
      'ratio',
      'share of the response time in which the target does nothing, while its CPU and database are idle',
    ),
  },
  churn: {
    opened: over(
      0.2,
      'ratio',
      'connections opened for each operation, beyond one for each virtual user',
      'S0',
    ),
    cost: over(0.2, 'ratio', 'time to open connections, of the response time', 'S0'),
    sessions: over(
      0.2,
      'ratio',
      'connections that the database got for each request, beyond one for each virtual user',
    ),
  },
  overload: {
    refused: over(0.01, 'ratio', 'share of the operations refused, broken off or not answered in time', 'S0'),
    unavailable: over(0.01, 'ratio', 'share of the answers with status 503', 'S4'),
  },
  failures: {
    internal: over(0.01, 'ratio', 'share of the answers with another status from 500 to 599', 'S0'),
    data: over(0.01, 'ratio', 'share of the operations that failed for the data they met', 'S1'),
  },
  'other-work': {
    cpu: over(0.2, 'ratio', 'CPU of the machine that neither the target nor the load generator uses', 'S1'),
    stolen: over(0.05, 'ratio', 'CPU that the hypervisor gives to other guests', 'S1'),
  },
  'cold-start': {
    slower: over(2, 'times', 'response time in the first fifth of the load, of that in the rest', 'S1'),
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, BottleneckLimit>>>>;

export type BottleneckRuleId = keyof typeof bottleneckLimits;

export const bottleneckRuleIds = Object.keys(bottleneckLimits) as BottleneckRuleId[];

/** The names of the signs of a rule. */
export type SignOf<Rule extends BottleneckRuleId> = keyof (typeof bottleneckLimits)[Rule] & string;

/** What a suite changes of a rule: it leaves the rule out, or gives other limits to its signs. */
export interface BottleneckRuleDefinition {
  /** True: the rule is not applied. */
  readonly off?: boolean;
  /** By sign; a share, a count or ms as a number, or text with a unit such as `"90%"` or `"200ms"`. */
  readonly limits?: Readonly<Record<string, number | string>>;
}

/** How the analysis of a suite's runs differs from the usual. */
export interface AnalysisDefinition {
  /** By rule. */
  readonly rules?: Readonly<Record<string, BottleneckRuleDefinition>>;
}

/** What a plan holds of a suite's changes: those alone, in plain numbers. */
export interface AnalysisPlan {
  readonly rules: Readonly<Record<string, BottleneckRulePlan>>;
}

export interface BottleneckRulePlan {
  readonly off?: true;
  /** By sign; ratios 0..1, times in ms. */
  readonly limits?: Readonly<Record<string, number>>;
}
