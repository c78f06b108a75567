// Faults: what a profile does to the system while the load goes on, what is expected of the system meanwhile, and what
// became of both. A suite writes definitions, plan/ makes plans of them, and the record holds what was really done.

import type { Duration } from '../time/duration.ts';
import type { AlertCondition } from './alert.ts';
import type { Tags } from './metric.ts';

/** A TCP proxy of ours that stands before an address: faults of the network are made in it. */
export interface ProxyDefinition {
  /**
   * Port of this machine on which it listens, or `host:port`: the address that the target is given for its upstream. Without
   * `listen` and `to`, it stands before the base URL, and the load goes through it.
   */
  readonly listen?: number | string;
  /** Where it connects to: a URL, of which host and port count, or `host:port`. */
  readonly to?: string;
}

/** A process that is started for each run and ended after it, and that faults may kill, pause and restart. */
export interface ProcessDefinition {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Working folder; that of `plimsoll` when absent. */
  readonly cwd?: string;
  /** Environment variables, beside those of the suite. */
  readonly env?: Readonly<Record<string, string>>;
  /** It is ready when this URL answers with a status below 500, or this `host:port` accepts a connection. */
  readonly ready: string;
  /** 30 s when absent. */
  readonly readyWithin?: Duration;
}

/** A request of a fault. */
export interface FaultRequest {
  /** GET when absent. */
  readonly method?: string;
  /** Absolute, or a path of the base URL. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/** What is expected of the system; each must be met, or the run fails. */
export interface FaultExpectations {
  /** `"monitor_api_breaker_open == 1 within 5s"`: counted from the start of the fault. */
  readonly reach?: readonly string[];
  /** The same, counted from the end of the fault. */
  readonly return?: readonly string[];
  /** What does not name one of `affected` (tasks, or names of operations) fails no more than before, save for `most`; 1 % when absent. */
  readonly othersFlat?: { readonly affected: readonly string[]; readonly most?: string };
  /** Response times, failures and throughput are as before so long after the end of the fault. */
  readonly recovery?: Duration;
  /** They are so long after the start of the fault, although it is still there. */
  readonly failover?: Duration;
  /** The suite's rate of this name, true for a read that was stale, is false for all reads from so long after the start on. */
  readonly noStale?: { readonly metric: string; readonly after: Duration };
  /** `"30%"`: so much higher than before may the 95th percentile of the response times be during the fault. */
  readonly cost?: string;
}

interface FaultCommon {
  /** For people; the name when absent. */
  readonly title?: string;
  /** Run time at which it begins. */
  readonly at: Duration;
  readonly expect?: FaultExpectations;
}

/** As a profile writes it, by name. */
export type FaultDefinition = FaultCommon &
  (
    | {
        /** Bytes arrive later, in both directions: by `delay`, and up to `jitter` more or less. */
        readonly kind: 'latency';
        readonly proxy: string;
        readonly for: Duration;
        readonly delay: Duration;
        readonly jitter?: Duration;
      }
    | {
        readonly kind: 'bandwidth';
        readonly proxy: string;
        readonly for: Duration;
        /** Of each connection and direction. */
        readonly bytesPerSec: number;
      }
    /** `reset`: connections are reset, new ones at their first byte. `refuse`: they are cut, and new ones refused. `black-hole`: nothing passes. */
    | {
        readonly kind: 'reset' | 'refuse' | 'black-hole';
        readonly proxy: string;
        readonly for: Duration;
      }
    /** `kill`: SIGKILL, and started again after `for`, if there is one. */
    | { readonly kind: 'kill'; readonly process: string; readonly for?: Duration }
    /** SIGSTOP, and SIGCONT after `for`. */
    | { readonly kind: 'pause'; readonly process: string; readonly for: Duration }
    /** SIGTERM, and started again as soon as it has ended. `for` is how long it is looked at. */
    | { readonly kind: 'restart'; readonly process: string; readonly for?: Duration }
    | {
        /** An upstream is told over HTTP to behave differently, and to be as before. */
        readonly kind: 'switch';
        readonly for: Duration;
        readonly start: FaultRequest;
        readonly end: FaultRequest;
      }
    | {
        /** A cache is emptied: FLUSHDB of the database that the URL names, or a request that does it. */
        readonly kind: 'flush';
        readonly redis?: string;
        readonly request?: FaultRequest;
        /** How long it is looked at; 10 s when absent. */
        readonly for?: Duration;
      }
  );

export const faultKinds = [
  'latency',
  'bandwidth',
  'reset',
  'refuse',
  'black-hole',
  'kill',
  'pause',
  'restart',
  'switch',
  'flush',
] as const satisfies readonly FaultDefinition['kind'][];
export type FaultKind = (typeof faultKinds)[number];

export interface ProxyPlan {
  readonly name: string;
  /** Port 0 is any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly to: { readonly host: string; readonly port: number };
  /** The load goes through it. */
  readonly isBeforeLoad?: true;
}

export interface ProcessPlan {
  readonly name: string;
  readonly command: readonly string[];
  readonly ready: string;
  readonly readyWithinMs: number;
}

export type ExpectationPlan =
  | {
      readonly kind: 'reach' | 'return';
      /** As written. */
      readonly expression: string;
      readonly condition: AlertCondition;
      readonly withinMs: number;
    }
  | { readonly kind: 'others-flat'; readonly affected: readonly string[]; readonly mostRatio: number }
  | { readonly kind: 'recovery' | 'failover'; readonly withinMs: number }
  | { readonly kind: 'no-stale'; readonly metric: string; readonly afterMs: number }
  | { readonly kind: 'cost'; readonly mostRatio: number };

export interface FaultPlan {
  readonly name: string;
  readonly title: string;
  readonly kind: FaultKind;
  /** In words, without secrets: `proxy crm before 127.0.0.1:9000`, `process api`, `PUT http://127.0.0.1:9000/behaviour`. */
  readonly on: string;
  /** Where it acts over the network; absent for processes of the run. */
  readonly place?: { readonly host: string; readonly port: number };
  /** Run time. */
  readonly atMs: number;
  /** `null`: it is not taken back within the run. */
  readonly forMs: number | null;
  readonly proxy?: string;
  readonly process?: string;
  readonly delayMs?: number;
  readonly jitterMs?: number;
  readonly bytesPerSec?: number;
  readonly expect: readonly ExpectationPlan[];
}

/** What a proxy saw while a fault was on. */
export interface FaultTraffic {
  /** Connections that were through the proxy when the fault began, and those made while it was on. */
  readonly connections: number;
  /** Of these, those that the fault cut. */
  readonly cut: number;
  /** Bytes that came in while it was on, both directions. */
  readonly bytes: number;
  /** By how much it delayed what it passed on, ms; `null` when it passed on nothing. */
  readonly addedMs: { readonly med: number; readonly p99: number } | null;
}

/** What is told of faults while a run goes on, in the order in which it happened. */
export type FaultReport =
  | { readonly kind: 'begun'; readonly fault: string; readonly atMs: number }
  | {
      readonly kind: 'ended';
      readonly fault: string;
      readonly atMs: number;
      readonly traffic?: FaultTraffic;
    }
  /** It could not be begun, or could not be taken back; `reason` is a clause. */
  | {
      readonly kind: 'failed';
      readonly fault: string;
      readonly atMs: number;
      readonly phase: 'begin' | 'end';
      readonly reason: string;
    };

/** A fault in the run record: what was really done. */
export interface FaultRecord {
  readonly name: string;
  /** Run times as applied; `null` where it was not. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** Why it was not begun or not taken back, one sentence each; absent when all went as planned. */
  readonly trouble?: readonly string[];
  readonly traffic?: FaultTraffic;
}

/** How operations went, second by second, apart by what they are: who else failed while a fault was on. */
export interface OperationCourse {
  readonly intervalMs: number;
  readonly operations: readonly {
    /** Rate of failures. */
    readonly metric: string;
    /** `task`, `name`, `method`, as far as there are. */
    readonly tags: Tags;
    /** Per interval. */
    readonly total: readonly number[];
    readonly failed: readonly number[];
  }[];
  /** Operations beyond the bound of kinds that are kept apart; absent when there were none. */
  readonly unkept?: true;
}
