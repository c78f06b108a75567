// Planning of capacity: what a suite says of instances, buffers, costs and growth, and how a plan has it.

import type { MonthlyCost } from './recommendation.ts';

/** Shares that are kept free of what was found, 0..1. */
export interface CapacityBuffers {
  readonly users: number;
  /** Of requests per second. */
  readonly rate: number;
  readonly connections: number;
  readonly memory: number;
  readonly cpu: number;
}

/** The size of one database server. */
export interface DatabaseSize {
  readonly vcpus: number;
  readonly memoryBytes: number;
}

/** The key `capacity` of a suite. */
export interface CapacityDefinition {
  /** Instances of the system that runs measure together; 1 when absent. */
  readonly instances?: number;
  /** Users that one instance carries, as somebody states; used only where a run does not show it. */
  readonly usersPerInstance?: number;
  /** In place of 0.3 of users, connections and CPU, and 0.25 of rate and memory. */
  readonly buffers?: Partial<CapacityBuffers>;
  /** The database server of today, such as `{ vcpus: 8, memory: '32GB' }`; each row of the growth table doubles it. */
  readonly database?: { readonly vcpus: number; readonly memory: string };
  /** A month of one instance, and of the database server of today. */
  readonly costs?: { readonly instance?: MonthlyCost; readonly database?: MonthlyCost };
  readonly growth?: GrowthDefinition;
}

export interface GrowthDefinition {
  /** Users at the same time today; what the run carried when absent. */
  readonly users?: number;
  /** Growth in a month, such as `'10%'` or 0.1. */
  readonly perMonth?: string | number;
  /** Users expected at times from today: `{ '3 months': 1000, '1 year': 5000 }`. */
  readonly expected?: Readonly<Record<string, number>>;
}

/** The most that growth in a month may be: eleven times the users. */
export const mostGrowthPerMonth = 10;
/** The most users that a plan may speak of: more than there are people. */
export const mostPlannedUsers = 1e10;

export interface ExpectedUsers {
  /** As written: `3 months`. */
  readonly title: string;
  readonly months: number;
  readonly users: number;
}

export interface GrowthPlan {
  readonly users?: number;
  /** A share: 0.1 for 10 %. */
  readonly perMonth?: number;
  /** Ascending by `months`. */
  readonly expected: readonly ExpectedUsers[];
}

export interface CapacityPlan {
  readonly instances: number;
  readonly usersPerInstance?: number;
  readonly buffers: CapacityBuffers;
  readonly database?: DatabaseSize;
  readonly costs?: { readonly instance?: MonthlyCost; readonly database?: MonthlyCost };
  readonly growth?: GrowthPlan;
}

/** What capacity plans keep free; the figures are those of the adapter team's own plan. */
export const defaultBuffers: CapacityBuffers = {
  users: 0.3,
  rate: 0.25,
  connections: 0.3,
  memory: 0.25,
  cpu: 0.3,
};
