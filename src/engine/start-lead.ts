// How long before run time 0 the workers are told to start. Called by engine.ts.

import type { Plan } from '../model/plan.ts';

/** For the start message to reach every worker. */
const messageMs = 15;
/** A worker makes twenty thousand users a second on a slow core. */
const perUserMs = 0.05;
const mostMs = 3000;

/**
 * Ms from the start message to run time 0: enough for the workers to make the users that an arrival rate wants
 * to find ready. Made later they would delay the first arrivals, and the generator would be to blame.
 */
export function startLeadMs({ scenarios, workers }: Pick<Plan, 'scenarios' | 'workers'>): number {
  let userCount = 0;
  for (const { executor, startAtMs } of scenarios) {
    if (startAtMs === 0 && 'preAllocatedVUs' in executor) userCount += executor.preAllocatedVUs;
  }
  return messageMs + Math.min(mostMs, (userCount / workers) * perUserMs);
}
