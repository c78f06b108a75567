// What usually helps when an objective is not met and its suite gives no remediation of its own. Data, by dimension; read by
// objective-findings.ts.

import type { ObjectiveDimension } from '../model/objective.ts';

/**
 * **Source:** the causes and solutions that the owner of the velro suite lists for high response times, low throughput,
 * poor caching and high error rates; the rest follows the same pattern.
 */
export const usualRemedies: Readonly<Record<ObjectiveDimension, string>> = {
  latency:
    'Look at the slowest tasks and statements first; missing indexes, cold or small caches and waiting for a pool are the usual causes.',
  throughput:
    'Look for what is used up: connections of a pool, CPU, a lock or a rate limit; then enlarge it, use less of it, or add instances.',
  reliability:
    'Group the errors by class and task; overload calls for limits and retries with backoff, other errors for a fix at their source.',
  cache:
    'Warm the cache before the load, look at its size and at how long entries live, and check that keys do not differ for the same answer.',
  resources: 'Find out what uses most of the resource, then use less of it or provide more.',
  capacity:
    'Search for the load that still holds with `plimsoll capacity`, and add instances or remove what limits it.',
  stability:
    'Compare the first part of the run with its last: growth of memory, connections or response times shows where to look.',
  other: 'Look at the thresholds that decide it, and at the tasks that contribute most to them.',
};
