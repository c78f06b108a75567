// What to do about problems, by symptom: problem, causes, fixes. Findings take their advice from the rule; where a rule is
// general, or none found anything, the usual fixes of the symptom are added. Called by finding.ts and unwatched.ts.

import type { BottleneckRuleId } from '../../model/bottleneck.ts';
import type { Condition } from './condition.ts';
import type { Rule } from './rule.ts';
import { lengthOf } from './spans.ts';

/** One problem as people meet it. */
export interface Remedy {
  readonly problem: string;
  /** In the words of the source documents. */
  readonly symptom: string;
  readonly causes: readonly BottleneckRuleId[];
  readonly fixes: readonly string[];
  /** Source documents that list it. */
  readonly sources: readonly string[];
}

export const remedies: readonly Remedy[] = [
  {
    problem: 'high latency',
    symptom: 'p95 or p99 above their limits (S3: p95 above 1.5 s)',
    causes: [
      'database',
      'missing-index',
      'n-plus-one',
      'statements',
      'cache',
      'cpu',
      'pool',
      'locks',
      'downstream',
      'network',
      'churn',
      'disk',
    ],
    fixes: [
      'Add indexes.',
      'Keep responses that may be kept.',
      'Make expensive operations cheaper, or do them in the background.',
      'Keep connections in pools.',
    ],
    sources: ['S0', 'S3', 'S4'],
  },
  {
    problem: 'high error rate',
    symptom: 'more than 1 % (S0) or 5 % (S3) of the operations fail',
    causes: ['overload', 'failures', 'rate-limit', 'pool', 'connections', 'locks', 'downstream', 'memory'],
    fixes: [
      'Raise timeouts that are too short.',
      'Try again with growing pauses, and break the circuit to what keeps failing.',
      'Check input before it is worked on.',
      'Raise limits on the rate for the test.',
    ],
    sources: ['S0', 'S1', 'S3', 'S4'],
  },
  {
    problem: 'resource exhaustion',
    symptom: 'CPU above 80 %, memory above 85 %, disks busy',
    causes: ['cpu', 'memory', 'disk', 'collection', 'database', 'other-work'],
    fixes: [
      'Use larger instances, or more of them, by rules that add them in time.',
      'Look for leaks.',
      'Queue or refuse what exceeds the capacity.',
    ],
    sources: ['S0', 'S2'],
  },
  {
    problem: 'pool exhaustion',
    symptom: 'waits and timeouts for database connections, “too many connections”',
    causes: ['pool', 'connections', 'locks', 'statements'],
    fixes: [
      'Enlarge the pool, and the limit of the database with it.',
      'Give connections back sooner, and find those that never are.',
      'Put a pooler before the database.',
      'Try again when a connection cannot be had.',
    ],
    sources: ['S1', 'S2', 'S3'],
  },
  {
    problem: 'memory leak',
    symptom: 'memory rises during a soak, response times with it; crashes from time to time',
    causes: ['leak', 'memory', 'collection'],
    fixes: [
      'Compare heap snapshots.',
      'Close what is opened, also on errors.',
      'Bound caches.',
      'Watch the trend of memory.',
    ],
    sources: ['S0', 'S2', 'S3'],
  },
  {
    problem: 'low throughput',
    symptom: 'fewer operations per second than demanded',
    causes: ['load', 'pool', 'cpu', 'database', 'rate-limit', 'generator', 'locks'],
    fixes: [
      'See whether the load asks for more at all.',
      'Enlarge pools.',
      'Make operations cheaper.',
      'Add instances.',
    ],
    sources: ['S4'],
  },
  {
    problem: 'poor cache',
    symptom: 'fewer than 70 % of the look-ups are answered by the cache; entries are evicted',
    causes: ['cache', 'cold-start'],
    fixes: [
      'Fill the cache before the load.',
      'Keep entries longer.',
      'Make keys that more requests share.',
      'Give the cache more memory.',
    ],
    sources: ['S0', 'S2', 'S4'],
  },
  {
    problem: 'failing immediately',
    symptom: 'operations fail from the first second',
    causes: ['overload', 'failures', 'rate-limit', 'connections'],
    fixes: [
      'Check that the target runs, and that its health page answers.',
      'Check addresses, keys and passwords.',
      'Check the rate limit.',
      'Run the profile with one user first.',
    ],
    sources: ['S1', 'S2', 'S4'],
  },
  {
    problem: 'inconsistent results',
    symptom: 'runs of the same profile differ much',
    causes: ['other-work', 'cold-start', 'cache'],
    fixes: [
      'Warm up before measuring.',
      'Keep other work off the machines.',
      'Run several times, at the same time of day, and compare medians.',
    ],
    sources: ['S1'],
  },
];

/** Rules that say what went wrong, and not what is short: the fixes of the symptom help with them. */
const general: readonly BottleneckRuleId[] = ['overload', 'failures'];
/** Failures in this time from the start of the load are there from the beginning. */
const immediateMs = 3000;

/** The rule's own advice, and where the rule is general the usual fixes of the problem. */
export function adviceOf({ id, advice }: Rule, condition: Condition): string {
  if (!general.includes(id)) return advice;
  const isImmediate =
    (condition.hot[0]?.fromMs ?? 0) <= condition.load.fromMs + immediateMs && lasted(condition);
  return [advice, ...fixesOf(isImmediate ? 'failing immediately' : 'high error rate')].join(' ');
}

/** The run went badly through most of the load. */
function lasted({ hot, load }: Condition): boolean {
  return lengthOf(hot) > 0.8 * (load.untilMs - load.fromMs);
}

/** The usual fixes of the worst symptom of a run, for one in which nothing shows the cause. */
export function fixesOfSymptom({ symptoms }: Condition): readonly string[] {
  const problems = {
    latency: 'high latency',
    errors: 'high error rate',
    throughput: 'low throughput',
  } as const;
  const [worst] = symptoms;
  return worst === undefined ? [] : fixesOf(problems[worst.kind]);
}

function fixesOf(wanted: string): readonly string[] {
  return remedies.find(({ problem }) => problem === wanted)?.fixes ?? [];
}
