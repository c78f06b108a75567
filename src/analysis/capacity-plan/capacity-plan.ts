// Plans capacity from one or several runs: what the target carries less a buffer, what expected users need, and when the
// recommended maximum is reached. Called by ../analyse.ts, by cli/analyze.ts and by the reports.

import { type CapacityPlan, defaultBuffers } from '../../model/capacity-plan.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { valueAt } from '../measured.ts';
import type { Fired } from '../recommendations/conditions.ts';
import type { Estimate, Scalability } from '../scalability.ts';
import { type Carried, carriedBy, type JudgedRecord } from './carried-load.ts';
import { dateAfter, type GrowthRow, growthRows, monthsUntil, type PerInstance } from './growth.ts';
import { type CapacityRow, recommendedOf, resourceRows } from './resource-limits.ts';

export interface CapacityAssessment {
  readonly carried: Carried;
  /** Users and rate first, where they are known; then the resources that were watched. */
  readonly rows: readonly CapacityRow[];
  readonly instances: number;
  readonly growth?: GrowthAssessment;
}

export interface GrowthAssessment {
  readonly rows: readonly GrowthRow[];
  /** Users that one instance carries; absent where nobody knows. */
  readonly perInstance?: PerInstance;
  /** Sentences: when the recommended maximum is reached, where the figures come from, and what cannot be said. */
  readonly notes: readonly string[];
}

/** Of a run without plan. */
const unplanned: CapacityPlan = { instances: 1, buffers: defaultBuffers };

/**
 * What runs say of capacity; `plan` is that of the first run when absent. `undefined` where nobody asked (the suite has no key
 * `capacity`, and `plan` is absent) and the run was not made for it: most runs hold one load, and not the most.
 */
export function assessCapacity(
  records: readonly JudgedRecord[],
  scalability: Scalability | undefined,
  plan: CapacityPlan | undefined = records[0]?.measured.plan.capacity,
): CapacityAssessment | undefined {
  const [first] = records;
  if (first === undefined || first.measured.plan.scenarios.length === 0) return undefined;
  const carried = carriedBy(records, scalability);
  if (plan === undefined && ('refusal' in carried || carried.basis === 'held')) return undefined;
  const used = plan ?? unplanned;
  const rows = [...loadRows(carried, used, records), ...resourceRows(first.measured, used.buffers)];
  const growth = used.growth === undefined ? undefined : assessGrowth(used, carried, records);
  return { carried, rows, instances: used.instances, ...(growth !== undefined && { growth }) };
}

/** Users at the same time that a run drove. */
function usersOf({ measured }: JudgedRecord): number {
  const vus = measured.metrics.vus?.values;
  return vus === undefined ? 0 : (valueAt(vus, 'max') ?? 0);
}

function loadRows(
  carried: Carried,
  { buffers }: CapacityPlan,
  records: readonly JudgedRecord[],
): CapacityRow[] {
  if ('refusal' in carried) return [];
  const { users, rate, perSec } = carried;
  const most = Math.max(0, ...records.map(usersOf));
  return [
    ...(users === undefined
      ? []
      : [
          {
            ...({ subject: 'users', title: 'Users', unit: 'count', current: users.value } as const),
            range: users,
            recommended: recommendedOf(users.value, buffers.users, true),
            buffer: buffers.users,
            ...(most > 0 && { seen: most }),
          },
        ]),
    {
      ...({ subject: 'rate', title: capitalised(perSec), unit: 'count', current: rate.value } as const),
      range: rate,
      recommended: recommendedOf(rate.value, buffers.rate, false),
      buffer: buffers.rate,
    },
  ];
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function assessGrowth(
  plan: CapacityPlan,
  carried: Carried,
  records: readonly JudgedRecord[],
): GrowthAssessment {
  const { growth } = plan;
  const perInstance = perInstanceOf(plan, carried);
  const latest = records
    .map(({ measured }) => measured.endedAt)
    .sort()
    .at(-1)!;
  const driven = Math.max(0, ...records.map(usersOf));
  const today = growth?.users ?? driven;
  const notes = [...perInstanceNotes(plan, carried, perInstance)];
  if (growth === undefined || !(today > 0)) {
    return {
      rows: [],
      notes: [...notes, 'How many users there are today is not known: state `growth.users`.'],
    };
  }
  const rows = growthRows({ ...plan, growth }, today, perInstance, latest);
  const users = 'refusal' in carried ? undefined : carried.users;
  const reached = users === undefined ? [] : [reachedSentence(plan, users, today, latest)];
  return {
    rows,
    ...(perInstance !== undefined && { perInstance }),
    notes: [
      ...reached,
      ...(growth.users === undefined
        ? [`Today’s users are those that the run drove: ${formatCount(today)}.`]
        : []),
      ...notes,
      ...(plan.database === undefined
        ? []
        : ['The database doubles with each row: a rule of thumb of the adapter team’s plan, not measured.']),
      ...(plan.costs === undefined ? [] : ['Costs are those of the suite, per month.']),
    ],
  };
}

/** Measured where it was, else stated, else unknown. */
function perInstanceOf(
  { instances, usersPerInstance }: CapacityPlan,
  carried: Carried,
): PerInstance | undefined {
  if (!('refusal' in carried) && carried.users !== undefined) {
    const { value, low, high } = carried.users;
    return { value: value / instances, low: low / instances, high: high / instances, source: 'measured' };
  }
  if (usersPerInstance === undefined) return undefined;
  return { value: usersPerInstance, low: usersPerInstance, high: usersPerInstance, source: 'stated' };
}

function perInstanceNotes(
  { instances, usersPerInstance }: CapacityPlan,
  carried: Carried,
  perInstance: PerInstance | undefined,
): string[] {
  const why =
    'refusal' in carried
      ? carried.refusal
      : 'The load was a rate, which does not say how many users that is.';
  if (perInstance === undefined) return [`How many instances are needed cannot be said. ${why}`];
  const each = fourDigits(perInstance.value);
  if (perInstance.source === 'stated') {
    return [`One instance carries ${each} users, as the suite states; no run has shown it. ${why}`];
  }
  const stated = usersPerInstance === undefined ? '' : ` The suite states ${fourDigits(usersPerInstance)}.`;
  return [
    `Instances: users ÷ ${each}, rounded up (${formatCount(instances, 'instance')} carried ${formatCount(Math.round(perInstance.value * instances))}).${stated} They add up only where they share nothing.`,
  ];
}

/** `166.7`: rounded to 167, other numbers of instances would follow. */
function fourDigits(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function reachedSentence(plan: CapacityPlan, users: Estimate, today: number, startIso: string): string {
  const safe = recommendedOf(users.value, plan.buffers.users, true);
  const growth = plan.growth!;
  const months = monthsUntil(safe, today, growth);
  const most = recommendedOf(users.high, plan.buffers.users, false);
  const later = Number.isFinite(most) ? monthsUntil(most, today, growth) : Number.POSITIVE_INFINITY;
  const what = `The recommended maximum of ${formatFigure(safe, 'users')}`;
  if (months === 0) return `${what} is reached already: there are ${formatFigure(today, 'users')} today.`;
  if (growth.perMonth === undefined && growth.expected.length === 0) {
    return `${what} is above the ${formatFigure(today, 'users')} of today; how they grow is not stated.`;
  }
  if (!Number.isFinite(months)) return `${what} is not reached by the growth that is stated.`;
  const range = Number.isFinite(later)
    ? later > months
      ? `, or by ${dateAfter(startIso, later)} at the high end of the range`
      : ''
    : '; the run has not shown where the limit is, and it may be later';
  return `${what} is reached on ${dateAfter(startIso, months)}, in ${formatCount(Number(months.toPrecision(2)))} months${range}.`;
}

/** More users than recommended, for the rule `scale-out`; `undefined` where nobody expects as many. */
export function excessOf(capacity: CapacityAssessment | undefined): Fired | undefined {
  const users = capacity?.rows.find(({ subject }) => subject === 'users');
  const over = capacity?.growth?.rows.find((row) => users !== undefined && row.users > users.recommended);
  if (capacity === undefined || users === undefined || over === undefined) return undefined;
  const { instances, withBuffer } = over;
  const when = over.months === 0 ? 'are there today' : `are expected in ${over.title}`;
  return {
    value: over.users,
    text: `${formatFigure(over.users, 'users')} ${when}, and the recommended maximum is ${formatFigure(users.recommended, 'users')}`,
    evidence: [
      { name: `users, ${over.title}`, value: over.users, unit: 'users', limit: users.recommended },
      { name: 'users that were carried', value: users.current, unit: 'users' },
    ],
    sizes: {
      current: formatCount(capacity.instances, 'instance'),
      ...(instances !== undefined &&
        withBuffer !== undefined && {
          recommended: `${formatCount(withBuffer, 'instance')} for ${formatFigure(over.users, 'users')}, the buffer kept free (${rangeOf(instances)} without it)`,
        }),
    },
  };
}

/** `6`, or `5 to 6`; the low end is known only where a limit broke. */
function rangeOf({ value, low }: Estimate): string {
  return low === value ? formatCount(value) : `${formatCount(low)} to ${formatCount(value)}`;
}
