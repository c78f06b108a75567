// When growth reaches a load, and what each expected number of users needs: instances, the size of the database, costs.
// Called by capacity-plan.ts.

import {
  type CapacityPlan,
  type DatabaseSize,
  type GrowthPlan,
  mostGrowthPerMonth,
  mostPlannedUsers,
} from '../../model/capacity-plan.ts';
import type { MonthlyCost } from '../../model/recommendation.ts';
import type { Estimate } from '../scalability.ts';

/** Where a growth per month stands alone, the horizons of capacity plans: 3 and 6 months, and a year. */
const usualHorizons = [
  ['3 months', 3],
  ['6 months', 6],
  ['1 year', 12],
] as const;
/** Nothing further away is a date. */
const mostMonths = 240;
/** A database that has doubled a hundredfold and more is no plan: later rows tell no size. */
const mostDoublings = 7;
const daysPerMonth = 365.25 / 12;
const msPerDay = 86_400_000;

export interface GrowthRow {
  /** `today`, `3 months`. */
  readonly title: string;
  readonly months: number;
  /** `2027-03-01`, from the day of the run. */
  readonly date: string;
  readonly users: number;
  /** By users ÷ users of one instance, rounded up; absent where nobody knows what one carries. */
  readonly instances?: Estimate;
  /** The same with the buffer of users kept free. */
  readonly withBuffer?: number;
  readonly database?: DatabaseSize;
  /** Of `instances` and the database, where costs are known. */
  readonly cost?: MonthlyCost;
}

/** Users that one instance carries. */
export interface PerInstance extends Estimate {
  readonly source: 'measured' | 'stated';
}

/** The points of the growth, today's first. */
export function growthRows(
  plan: CapacityPlan & { readonly growth: GrowthPlan },
  today: number,
  perInstance: PerInstance | undefined,
  startIso: string,
): GrowthRow[] {
  const { growth } = plan;
  const later =
    growth.expected.length > 0
      ? growth.expected
      : growth.perMonth === undefined
        ? []
        : usualHorizons.map(([title, months]) => {
            return { title, months, users: Math.round(today * (1 + growth.perMonth!) ** months) };
          });
  const points = [{ title: 'today', months: 0, users: today }, ...later].filter(({ users }) => isSane(users));
  return points.map((point, i): GrowthRow => {
    const instances = perInstance === undefined ? undefined : instancesFor(point.users, perInstance);
    const database = plan.database === undefined || i > mostDoublings ? undefined : doubled(plan.database, i);
    const cost = costOf(plan, instances?.value, i);
    return {
      ...point,
      date: dateAfter(startIso, point.months),
      ...(instances !== undefined &&
        perInstance !== undefined && {
          instances,
          withBuffer: ceiling(point.users / (perInstance.value * (1 - plan.buffers.users))),
        }),
      ...(database !== undefined && { database }),
      ...(cost !== undefined && { cost }),
    };
  });
}

/** Users ÷ users of one instance, rounded up: 1,000 ÷ 166.7 are 6. More users of one instance are fewer instances. */
function instancesFor(users: number, { value, low, high }: PerInstance): Estimate {
  return { value: ceiling(users / value), low: ceiling(users / high), high: ceiling(users / low) };
}

/** A record may hold a plan that no suite and no flag is allowed. */
function isSane(users: number): boolean {
  return users > 0 && users <= mostPlannedUsers * (1 + mostGrowthPerMonth) ** 12;
}

/** At least one instance; what is whole but for rounding stays whole. */
function ceiling(value: number): number {
  return Math.max(1, Math.ceil(value - 1e-9));
}

function doubled({ vcpus, memoryBytes }: DatabaseSize, times: number): DatabaseSize {
  return { vcpus: vcpus * 2 ** times, memoryBytes: memoryBytes * 2 ** times };
}

/** `undefined` where no cost is known, or the two are in different currencies. */
function costOf(
  { costs }: CapacityPlan,
  instances: number | undefined,
  row: number,
): MonthlyCost | undefined {
  const parts = [
    ...(costs?.instance === undefined || instances === undefined ? [] : [times(costs.instance, instances)]),
    ...(costs?.database === undefined ? [] : [times(costs.database, 2 ** row)]),
  ];
  if (costs?.database !== undefined && row > mostDoublings) return undefined;
  const [first] = parts;
  if (first === undefined || parts.some(({ currency }) => currency !== first.currency)) return undefined;
  return {
    currency: first.currency,
    low: parts.reduce((sum, { low }) => sum + low, 0),
    high: parts.reduce((sum, { high }) => sum + high, 0),
  };
}

function times({ currency, low, high }: MonthlyCost, count: number): MonthlyCost {
  return { currency, low: low * count, high: high * count };
}

/**
 * Months until the users reach `load`, 0 when they have; infinite where the growth never does, or not within 20 years. Between
 * two expected points, and by a growth per month, users grow by the same factor each month.
 */
export function monthsUntil(load: number, today: number, { expected, perMonth }: GrowthPlan): number {
  if (today >= load) return 0;
  let [at, users] = [0, today];
  for (const point of expected) {
    if (point.users >= load && point.users > users && point.months > at) {
      return at + ((point.months - at) * Math.log(load / users)) / Math.log(point.users / users);
    }
    [at, users] = [point.months, point.users];
  }
  if (perMonth === undefined || perMonth <= 0) return Number.POSITIVE_INFINITY;
  const months = at + Math.log(load / users) / Math.log1p(perMonth);
  return months <= mostMonths ? months : Number.POSITIVE_INFINITY;
}

/** `YYYY-MM-DD` so many months after the day of an ISO time; whole months keep the day of the month where there is one. */
export function dateAfter(startIso: string, months: number): string {
  const start = new Date(startIso);
  if (Number.isInteger(months)) {
    const day = start.getUTCDate();
    const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
    date.setUTCDate(Math.min(day, lastDay));
    return date.toISOString().slice(0, 10);
  }
  return new Date(start.getTime() + months * daysPerMonth * msPerDay).toISOString().slice(0, 10);
}
