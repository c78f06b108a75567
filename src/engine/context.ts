// Builds the context that a virtual user's tasks are called with.

import type { CheckFunction, CustomMetrics, Session, TaskContext } from '../model/context.ts';
import type { Row } from '../model/feeder.ts';
import { type MetricType, otherValues, type Tags } from '../model/metric.ts';
import type { ProtocolClients } from '../protocols/registry.ts';
import type { Scope } from '../protocols/scope.ts';
import type { UserClients } from '../protocols/user-clients.ts';
import { monotonicMs } from '../time/clock.ts';
import { parseDuration } from '../time/duration.ts';
import type { UserClass } from './user-class.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What the context needs of the virtual user it belongs to. */
export interface ContextOwner {
  readonly clients: UserClients;
  readonly deps: WorkerDeps;
  readonly userClass: UserClass;
  readonly identity: {
    readonly id: number;
    random: () => number;
    readonly session: Session;
    iteration: number;
  };
  scope: Scope;
  /** The end of the run has ended it in the middle of what it did. */
  readonly wasCutOff: boolean;
  sleep(ms: number): Promise<void>;
  row(feeder: string): Promise<Row>;
}

/** The context of one VU; its owner moves `iteration` on. */
export type OwnContext = TaskContext & { iteration: number };

/**
 * Values and functions only: with accessors every virtual user would cost two kilobytes more. What few users
 * need is made when it is first used.
 */
export function createContext(vu: ContextOwner): OwnContext {
  const { deps, identity, userClass } = vu;
  const context: Omit<OwnContext, keyof ProtocolClients> = {
    check: createCheck(vu),
    group: (name, body) => runInGroup(vu, name, body),
    sleep(duration) {
      const ms = parseDuration(duration);
      if (ms === undefined) throw new TypeError(`"${duration}" is not a duration such as 500 or "1s"`);
      return vu.sleep(ms);
    },
    row: <One extends Row>(feeder: string) => vu.row(feeder) as Promise<One>,
    session: identity.session,
    data: deps.data,
    metrics: createCustomMetrics(vu),
    vu: {
      id: identity.id,
      scenario: userClass.scenario,
      user: userClass.name,
      random: () => identity.random(),
    },
    iteration: identity.iteration,
    env: deps.env,
    log: deps.log,
  };
  deps.protocols.addTo(context, vu.clients);
  return context as OwnContext;
}

function createCheck(vu: ContextOwner): CheckFunction {
  return (value, predicates, tags) => {
    const scope = tags === undefined ? vu.scope : vu.scope.with(tags);
    let all = true;
    for (const name in predicates) {
      const predicate = predicates[name]!;
      let passed: unknown = predicate;
      if (typeof predicate === 'function') {
        try {
          passed = predicate(value);
        } catch {
          passed = false;
        }
        // A promise is always truthy: such a check could never fail.
        if (passed instanceof Promise) {
          throw new TypeError(`check "${name}" returned a promise; await before the check`);
        }
      }
      if (!passed) all = false;
      // What is checked after the cut is no answer: it never came.
      if (!vu.wasCutOff) scope.check(name).add(Boolean(passed));
    }
    return all;
  };
}

async function runInGroup<T>(vu: ContextOwner, name: string, body: () => T | Promise<T>): Promise<T> {
  const outer = vu.scope;
  const parent = outer.tags.group;
  const inner = outer.with({ group: parent === undefined ? name : `${parent}::${name}` });
  vu.scope = inner;
  const startedAtMs = monotonicMs();
  try {
    return await body();
  } finally {
    const tookMs = monotonicMs() - startedAtMs;
    if (vu.wasCutOff) inner.cutOff('group_duration', tookMs, { bound: 'waited', due: false });
    else inner.trend('group_duration').add(tookMs);
    vu.scope = outer;
  }
}

/** What user code counts after the cut is of the cut, and not of an answer. */
function createCustomMetrics(vu: ContextOwner): CustomMetrics {
  return {
    trend: (name) => ({
      add(value, tags) {
        const recorder = scopeFor(vu, tags).trend(known(vu, name, 'trend'));
        if (!vu.wasCutOff) recorder.add(value);
      },
    }),
    counter: (name) => ({
      add(amount, tags) {
        const recorder = scopeFor(vu, tags).counter(known(vu, name, 'counter'));
        if (!vu.wasCutOff) recorder.add(amount);
      },
    }),
    rate: (name) => ({
      add(passed, tags) {
        const recorder = scopeFor(vu, tags).rate(known(vu, name, 'rate'));
        if (!vu.wasCutOff) recorder.add(passed);
      },
    }),
    gauge: (name) => ({
      set: (value, tags) =>
        scopeFor(vu, tags)
          .gauge(known(vu, name, 'gauge'))
          .set(value),
    }),
  };
}

function scopeFor(vu: ContextOwner, tags: Tags | undefined): Scope {
  return tags === undefined ? vu.scope : vu.scope.with(tags);
}

/**
 * Metrics that the suite did not declare come into being when first used, as plain numbers. When the meter is full, all
 * further ones of a type are one, which thresholds cannot name.
 */
function known({ deps: { meter } }: ContextOwner, metric: string, type: MetricType): string {
  if (meter.has(metric)) return metric;
  const name = meter.isFull ? `${type} ${otherValues}` : metric;
  if (!meter.has(name)) meter.define(name, { type, contains: 'default' });
  return name;
}
