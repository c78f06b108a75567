// The problems that `npm run plant` plants, one at a time, and what the analysis ought to name first. Called by ../plant.ts.

type Knobs = Readonly<Record<string, string>>;

export interface Problem {
  /** As on the command line. */
  readonly name: string;
  readonly title: string;
  /** The rules of which the first finding may be: the planted cause under its name, or under one that is as exact. */
  readonly expected: readonly string[];
  readonly suite: 'jorge' | 'members';
  /** Of ./jorge.suite.ts or ./members.suite.ts. */
  readonly profile: string;
  /** Of the run without the problem; the same when absent. */
  readonly cleanProfile?: string;
  /** Knobs of both runs, which are no problem. */
  readonly setting: Knobs;
  /** Knobs of the run with the problem. */
  readonly planted: Knobs;
}

/** A database on another machine of the same site, as most are. */
const databaseNearby: Knobs = { JORGE_DB_NETWORK_MS: '4' };
const jorge = { suite: 'jorge', profile: 'mix', setting: {} } as const;

export const problems: readonly Problem[] = [
  {
    name: 'missing-index',
    title: 'missing index',
    expected: ['missing-index'],
    suite: 'members',
    profile: 'reading',
    setting: { MEMBERS_COUNT: '150000' },
    planted: { MEMBERS_INDEXES: 'off' },
  },
  {
    ...jorge,
    name: 'pool',
    title: 'pool too small',
    expected: ['pool'],
    profile: 'browse',
    setting: databaseNearby,
    planted: { JORGE_POOL_SIZE: '1' },
  },
  { ...jorge, name: 'cpu', title: 'CPU-bound handler', expected: ['cpu'], planted: { JORGE_CPU_MS: '30' } },
  { ...jorge, name: 'leak', title: 'memory leak', expected: ['leak'], planted: { JORGE_LEAK_KB: '200' } },
  {
    ...jorge,
    name: 'cache',
    title: 'cold cache',
    expected: ['cache'],
    profile: 'dashboard',
    planted: { JORGE_CACHE: 'cold' },
  },
  {
    ...jorge,
    name: 'downstream',
    title: 'slow downstream',
    expected: ['downstream'],
    setting: { JORGE_UPSTREAM_MS: '5' },
    planted: { JORGE_UPSTREAM_MS: '400' },
  },
  {
    ...jorge,
    name: 'locks',
    title: 'lock convoy',
    expected: ['locks'],
    setting: databaseNearby,
    planted: { JORGE_HOT_ROW: 'on' },
  },
  {
    ...jorge,
    name: 'rate-limit',
    title: 'rate limiter',
    expected: ['rate-limit'],
    planted: { JORGE_RATE_LIMIT: '60' },
  },
  {
    ...jorge,
    name: 'network',
    title: 'network latency',
    expected: ['network'],
    planted: { JORGE_NETWORK_MS: '60' },
  },
  {
    ...jorge,
    name: 'churn',
    title: 'connection churn',
    expected: ['churn'],
    profile: 'browse',
    planted: { JORGE_POOL: 'off' },
  },
  {
    ...jorge,
    name: 'n-plus-one',
    title: 'N+1 statements',
    expected: ['n-plus-one'],
    profile: 'browse',
    setting: databaseNearby,
    planted: { JORGE_N_PLUS_ONE: 'on' },
  },
  {
    ...jorge,
    name: 'generator',
    title: 'generator too weak',
    expected: ['generator'],
    profile: 'weak',
    cleanProfile: 'mix',
    planted: {},
  },
];
