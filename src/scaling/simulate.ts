// A policy in a closed loop with a model of the system: load comes, instances finish what they can, the rest waits, and the
// policy sees it with a delay. Called by assess-scaling.ts.

import { Arrivals } from './arrivals.ts';
import { type Elasticity, elasticityOf, type SupplyStep } from './elasticity.ts';
import { curveDuration, type LoadCurve, meanRate } from './load-curve.ts';
import { type BoundHit, reversalsOf, type ScalingDecision, undoneSoon } from './policy-run.ts';

const msPerSec = 1000;
const leastStepMs = 1000;
const mostSteps = 100_000;
const mostDecisions = 500;

export interface SystemModel {
  /** Iterations per second that one instance can finish; instances share nothing. */
  readonly capacityPerInstance: number;
  /** From the decision until a new instance serves. */
  readonly startUpMs: number;
  /** How old figures are when they are seen. */
  readonly metricDelayMs: number;
  /** Response time without a queue; absent: latencies are not modelled. */
  readonly responseMs?: number;
}

/** What a scaler sees: means over the time between two of its looks, as old as the figures are. */
export interface SeenFigures {
  /** Busy share of the instances that serve, 0..1. */
  readonly busy: number;
  /** Iterations finished per second. */
  readonly finishedPerSec: number;
  /** Response time without a queue, and the time in the queue; `undefined` where the model has no response time. */
  readonly responseMs: number | undefined;
}

export interface SeenInstances {
  readonly serving: number;
  /** Of these, those that came to serve after the begin of what is seen. */
  readonly fresh: number;
  readonly starting: number;
}

/** A way to scale: the rules of a policy, or an HPA. */
export interface Scaler {
  readonly intervalMs: number;
  /** `seen` is `undefined` as long as nothing is old enough to be seen. Returns how many instances there shall be. */
  look(
    atMs: number,
    instances: SeenInstances,
    seen: SeenFigures | undefined,
  ): {
    readonly instances: number;
    readonly decisions: readonly ScalingDecision[];
    readonly bounds: readonly BoundHit[];
  };
}

/** A decision with what it was about. */
export interface SimulatedDecision extends ScalingDecision {
  readonly loadPerSec: number;
  /** Instances that the load needs, and those that serve. */
  readonly demand: number;
  readonly serving: number;
  /** Iterations that wait. */
  readonly backlog: number;
}

export interface Simulation {
  readonly durationMs: number;
  readonly stepMs: number;
  readonly startInstances: number;
  readonly endInstances: number;
  readonly mostInstances: number;
  /** Started instances on average, those that do not serve yet included. */
  readonly meanInstances: number;
  readonly mostDemand: number;
  /** Ascending; the first 500. */
  readonly decisions: readonly SimulatedDecision[];
  readonly decisionCount: number;
  readonly bounds: readonly BoundHit[];
  readonly elasticity: Elasticity;
  readonly reversals: number;
  readonly undoneSoon: number;
  /** Iterations offered, and the share of them that came while others waited, 0..1. */
  readonly offered: number;
  readonly waitedShare: number;
  /** The most iterations that waited, and the longest time that one had to. */
  readonly worstBacklog: { readonly atMs: number; readonly iterations: number };
  readonly worstWait: { readonly atMs: number; readonly ms: number };
  /** Longest time in which some iteration waited: how long it took to recover. Of a queue that is there at the end, up to then. */
  readonly longestQueueMs: number;
  /** Iterations that wait at the end: it has not recovered. */
  readonly endBacklog: number;
  /** How long the last of them has to wait yet; of a queue that nothing serves, how long it has been there. */
  readonly endWaitMs: number;
}

/**
 * Simulates in steps of one second (longer ones when there would be more than 100,000), without chance: a fluid queue. In
 * each step instances finish at most what their capacity allows; the rest waits without limit, and waits as long as the
 * instances that serve need for it. New instances serve once they have started; those that are taken away stop at once,
 * starting ones first. What chance adds to waiting, retries, users who give up, and a capacity that falls under overload
 * are left out: real waiting is longer.
 *
 * Demand is the load divided by the capacity of an instance, rounded up, at least 1.
 */
export function simulateScaling(
  curve: LoadCurve,
  model: SystemModel,
  startInstances: number,
  scaler: Scaler,
): Simulation {
  const durationMs = curveDuration(curve);
  const stepMs = Math.max(leastStepMs, durationMs / mostSteps);
  const count = Math.max(1, Math.round(durationMs / stepMs));
  const history = createHistory(count, stepMs, model.responseMs !== undefined);
  const steps: SupplyStep[] = [];
  const decisions: SimulatedDecision[] = [];
  const bounds: BoundHit[] = [];
  let serving = startInstances;
  const [starting, fresh] = [new Arrivals(), new Arrivals()];
  let [part, backlog, nextLookMs] = [0, 0, scaler.intervalMs];
  let [offered, waited, instanceSteps, mostInstances] = [0, 0, 0, startInstances];
  let worstBacklog = { atMs: 0, iterations: 0 };
  let worstWait = { atMs: 0, ms: 0 };
  let [queueMs, longestQueueMs, endWaitMs] = [0, 0, 0];
  for (let step = 0; step < count; step++) {
    const atMs = step * stepMs;
    while (part < curve.parts.length - 1 && curve.parts[part]!.untilMs <= atMs) part++;
    const loadPerSec = meanRate(curve, part, atMs, atMs + stepMs);
    const demand = Math.max(1, Math.ceil(loadPerSec / model.capacityPerInstance - 1e-9));
    const arrived = starting.takeUntil(atMs);
    fresh.push(atMs, arrived);
    serving += arrived;
    if (atMs >= nextLookMs) {
      nextLookMs += scaler.intervalMs * Math.max(1, Math.ceil((atMs - nextLookMs + 1) / scaler.intervalMs));
      const seenUntilMs = atMs - model.metricDelayMs;
      const seenFromMs = seenUntilMs - scaler.intervalMs;
      fresh.takeUntil(seenFromMs);
      const instances = { serving, fresh: fresh.total, starting: starting.total };
      const looked = scaler.look(atMs, instances, history.mean(seenFromMs, seenUntilMs));
      const added = looked.instances - serving - instances.starting;
      decisions.push(...looked.decisions.map((one) => ({ ...one, loadPerSec, demand, serving, backlog })));
      bounds.push(...looked.bounds);
      if (added > 0) starting.push(atMs + model.startUpMs, added);
      if (added < 0) {
        const stopping = starting.takeLatest(-added);
        fresh.takeLatest(stopping);
        serving -= stopping;
      }
      // Without any start-up, at once.
      const ready = starting.takeUntil(atMs);
      fresh.push(atMs, ready);
      serving += ready;
    }
    const seconds = stepMs / msPerSec;
    const capacity = serving * model.capacityPerInstance;
    const came = loadPerSec * seconds;
    const finished = Math.min(backlog + came, capacity * seconds);
    backlog = backlog + came - finished;
    if (backlog < 1e-9) backlog = 0;
    queueMs = backlog > 0 ? queueMs + stepMs : 0;
    // Where nothing serves, nobody knows how long the rest of the wait is: what has passed of it counts.
    const waitMs = backlog === 0 ? 0 : capacity > 0 ? (msPerSec * backlog) / capacity : queueMs;
    endWaitMs = waitMs;
    const busy = capacity === 0 ? Number(came > 0) : finished / (capacity * seconds);
    history.add(busy, finished / seconds, (model.responseMs ?? 0) + waitMs);
    steps.push({ demand, supply: serving });
    offered += came;
    if (backlog > 0) waited += came;
    const started = serving + starting.total;
    instanceSteps += started;
    mostInstances = Math.max(mostInstances, started);
    const endMs = atMs + stepMs;
    longestQueueMs = Math.max(longestQueueMs, queueMs);
    if (backlog > worstBacklog.iterations) worstBacklog = { atMs: endMs, iterations: backlog };
    if (waitMs > worstWait.ms) worstWait = { atMs: endMs, ms: waitMs };
  }
  return {
    durationMs,
    stepMs,
    startInstances,
    endInstances: serving + starting.total,
    mostInstances,
    meanInstances: instanceSteps / count,
    mostDemand: steps.reduce((most, { demand }) => Math.max(most, demand), 0),
    decisions: decisions.slice(0, mostDecisions),
    decisionCount: decisions.length,
    bounds: bounds.slice(0, mostDecisions),
    elasticity: elasticityOf(steps),
    reversals: reversalsOf(decisions).length,
    undoneSoon: undoneSoon(decisions),
    offered,
    waitedShare: offered === 0 ? 0 : waited / offered,
    worstBacklog,
    worstWait,
    longestQueueMs,
    endBacklog: backlog,
    endWaitMs,
  };
}

/** Sums up to each step, so that a mean over any time costs nothing. */
function createHistory(count: number, stepMs: number, hasResponse: boolean) {
  const [busy, finished, response] = [0, 1, 2].map(() => new Float64Array(count + 1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  let filled = 0;
  return {
    add(busyShare: number, finishedPerSec: number, responseMs: number): void {
      busy[filled + 1] = busy[filled]! + busyShare;
      finished[filled + 1] = finished[filled]! + finishedPerSec;
      response[filled + 1] = response[filled]! + responseMs;
      filled++;
    },
    /** Over the whole steps between two times; `undefined` where there is none. */
    mean(fromMs: number, untilMs: number): SeenFigures | undefined {
      const until = Math.min(filled, Math.floor(untilMs / stepMs + 1e-9));
      const from = Math.max(0, Math.min(until - 1, Math.ceil(fromMs / stepMs - 1e-9)));
      if (until < 1) return undefined;
      const mean = (sums: Float64Array): number => (sums[until]! - sums[from]!) / (until - from);
      return {
        busy: mean(busy),
        finishedPerSec: mean(finished),
        responseMs: hasResponse ? mean(response) : undefined,
      };
    },
  };
}
