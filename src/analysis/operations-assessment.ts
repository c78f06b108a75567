// What average response time, throughput and success rate of operations are worth, and how many users they speak for.
// Pure functions of figures; the text report on operations prints what they say.

export type Grade = 'good' | 'fair' | 'poor';

export interface Assessment {
  readonly grade: Grade;
  readonly title: string;
  /** What follows from it. */
  readonly meaning: string;
}

/** Average in ms: below 100 is excellent, below 500 good, up to 1,000 fair. */
export function assessAverage(averageMs: number): Assessment {
  if (averageMs < 100) return assessment('good', 'Excellent', 'system performing optimally');
  if (averageMs < 500) return assessment('good', 'Good', 'acceptable for production');
  if (averageMs <= 1000) return assessment('fair', 'Fair', 'consider optimization');
  return assessment('poor', 'Poor', 'optimization required');
}

/** Operations per second: above 100 is high, from 50 good, from 20 fair. */
export function assessThroughput(operationsPerSec: number): Assessment {
  if (operationsPerSec > 100) return assessment('good', 'High', 'can handle many users');
  if (operationsPerSec >= 50) return assessment('good', 'Good', 'suitable for medium load');
  if (operationsPerSec >= 20) return assessment('fair', 'Fair', 'may struggle under high load');
  return assessment('poor', 'Poor', 'capacity issues');
}

/** Share of operations that succeeded, 0 to 1: above 0.99 is excellent, from 0.95 good, from 0.9 fair. */
export function assessSuccess(successRatio: number): Assessment {
  if (successRatio > 0.99) return assessment('good', 'Excellent', 'system stable');
  if (successRatio >= 0.95) return assessment('good', 'Good', 'monitor errors');
  if (successRatio >= 0.9) return assessment('fair', 'Fair', 'investigate failures');
  return assessment('poor', 'Poor', 'critical issues');
}

function assessment(grade: Grade, title: string, meaning: string): Assessment {
  return { grade, title, meaning };
}

/**
 * Users at which the average would reach `targetMs` if it grew in proportion to the users:
 * (target response time / current average) × current users. 200 ms with 50 users and a target of 500 ms: 125.
 * A straight line through one point: it says nothing about where the system really breaks.
 */
export function linearCapacity(averageMs: number, users: number, targetMs: number): number {
  return (targetMs / averageMs) * users;
}

/**
 * Average in ms at `users`: as it is up to the capacity, then in proportion to how far that is exceeded, which is
 * average × users / capacity. 185.34 ms with a capacity of 250 gives 2,965 ms at 4,000 users.
 */
export function responseTimeBeyond(averageMs: number, capacity: number, users: number): number {
  return averageMs * Math.max(1, users / capacity);
}
