// Runs the executors of the closed model but externally-controlled: each VU is active
// during the intervals that the plan gives it, and starts its next iteration when the last one is done.

import {
  durationOf,
  segmentIterations,
  segmentVus,
  userOfVu,
  type VuExecutorPlan,
  vuIntervals,
} from '../plan/schedule.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { Agenda } from './agenda.ts';
import { type IterationLimit, limitIterations } from './iteration-limit.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';
import { createIdentity, VirtualUser, type VuEvents } from './virtual-user.ts';

interface Change {
  readonly atMs: number;
  readonly vuIndex: number;
  /** Which of its intervals; a VU that was ramped up again is not ended by an earlier interval. */
  readonly interval: number;
  readonly action: 'start' | 'drain' | 'cut';
}

interface Active {
  readonly vu: VirtualUser;
  interval: number;
  /** The interval to come back for, when it began while the VU was still stopping. */
  next?: number;
}

export class ClosedModelRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #executor: VuExecutorPlan;
  readonly #classOfVu: Uint16Array;
  readonly #active = new Map<number, Active>();
  readonly #indexOf = new Map<VirtualUser, number>();
  readonly #agenda: Agenda<Change>;
  readonly #iterationLimit: number;
  /** With shared-iterations: this worker's part of the store, the next number to take first. */
  readonly #store: { next: number; readonly to: number } | undefined;
  #startsLeft: number;
  #stopping = false;
  #finished = false;
  #limit: IterationLimit | undefined;
  #cutTimer: NodeJS.Timeout | null = null;
  vuPeakCount = 0;

  constructor(options: ScenarioRunOptions, executor: VuExecutorPlan) {
    this.#options = options;
    this.#executor = executor;
    this.#classOfVu = userOfVu(options.scenario);
    this.#iterationLimit =
      executor.kind === 'per-vu-iterations' ? executor.iterations : Number.POSITIVE_INFINITY;
    if (executor.kind === 'shared-iterations') {
      const { from, to } = segmentIterations(executor, options.worker, options.workerCount);
      this.#store = { next: from, to };
    }
    const changes = this.#plan();
    this.#startsLeft = changes.filter(({ action }) => action === 'start').length;
    let position = 0;
    this.#agenda = new Agenda(
      options.deps.clock,
      () => changes[position++],
      (change) => this.#carryOut(change),
    );
  }

  /** All changes of this worker's VUs, ascending by time. */
  #plan(): Change[] {
    const { scenario, worker, workerCount } = this.#options;
    const executor = this.#executor;
    const endAtMs = scenario.startAtMs + durationOf(executor);
    const changes: Change[] = [];
    for (const vuIndex of segmentVus(this.#classOfVu.length, worker, workerCount)) {
      vuIntervals(executor, vuIndex).forEach((interval, number) => {
        const drainAtMs = scenario.startAtMs + interval.endAtMs;
        const graceMs =
          executor.kind === 'ramping-vus' && drainAtMs < endAtMs
            ? executor.gracefulRampDownMs
            : scenario.gracefulStopMs;
        const cutAtMs = Math.min(drainAtMs + graceMs, endAtMs + scenario.gracefulStopMs);
        const common = { vuIndex, interval: number };
        changes.push(
          { ...common, atMs: scenario.startAtMs + interval.startAtMs, action: 'start' },
          { ...common, atMs: drainAtMs, action: 'drain' },
          { ...common, atMs: cutAtMs, action: 'cut' },
        );
      });
    }
    return changes.sort((a, b) => a.atMs - b.atMs);
  }

  start(): void {
    this.#limit = limitIterations({
      limitMs: this.#options.scenario.iterationTimeoutMs,
      deps: this.#options.deps,
      events: this,
      vus: () => [...this.#active.values()].map(({ vu }) => vu),
      replace: (late, successor) => {
        const vuIndex = this.#indexOf.get(late)!;
        const { interval } = this.#active.get(vuIndex)!;
        this.#indexOf.delete(late);
        this.#activate(vuIndex, interval, successor);
      },
    });
    this.#agenda.start();
    this.#finishIfDone();
  }

  #carryOut({ vuIndex, interval, action }: Change): void {
    const running = this.#active.get(vuIndex);
    switch (action) {
      case 'start':
        this.#startsLeft--;
        if (this.#storeIsEmpty) break;
        if (running === undefined) {
          this.#startVu(vuIndex, interval);
        } else if (running.vu.stopping) {
          // Its last interval's farewell is still being said: it comes back when that is done.
          running.next = interval;
        } else {
          // Still finishing its last interval's work: it simply goes on.
          running.interval = interval;
          running.vu.draining = false;
        }
        break;
      case 'drain':
        if (running?.interval === interval) this.#drainVu(running.vu);
        else if (running?.next === interval) delete running.next;
        break;
      case 'cut':
        if (running?.interval === interval) {
          this.#countDropped(running.vu);
          running.vu.kill();
        }
        break;
    }
    this.#finishIfDone();
  }

  #startVu(vuIndex: number, interval: number): void {
    const { seed, scenario, classes, deps } = this.#options;
    const random = createRandom(seed, scenario.name, vuIndex, interval);
    const identity = createIdentity(vuIndex + 1, random);
    const vu = new VirtualUser(classes[this.#classOfVu[vuIndex]!]!, identity, deps, this);
    this.#activate(vuIndex, interval, vu);
    vu.start();
  }

  #activate(vuIndex: number, interval: number, vu: VirtualUser): void {
    if (!this.#active.has(vuIndex)) this.#options.vus.change(1);
    this.#active.set(vuIndex, { vu, interval });
    this.#indexOf.set(vu, vuIndex);
    this.vuPeakCount = Math.max(this.vuPeakCount, this.#active.size);
  }

  idle(vu: VirtualUser): void {
    if (vu.draining || this.#stopping || this.#storeIsEmpty || vu.startedCount >= this.#iterationLimit) {
      if (vu.startedCount < this.#iterationLimit) this.#countDropped(vu);
      vu.stop();
      return;
    }
    const thinkMs = vu.startedCount === 0 ? 0 : vu.thinkMs();
    if (thinkMs > 0) {
      vu.thinkTimer = setTimeout(() => {
        vu.thinkTimer = null;
        this.#iterate(vu, monotonicMs());
      }, thinkMs);
    } else {
      // Going straight on, the end of the last iteration is the start of the next: one clock reading for both.
      this.#iterate(vu, vu.freeSinceMs > 0 ? vu.freeSinceMs : monotonicMs());
    }
  }

  #iterate(vu: VirtualUser, nowMs: number): void {
    const { clock } = this.#options.deps;
    if (clock.mayGoOn(nowMs)) this.#begin(vu, nowMs);
    else clock.afterTurn(() => this.#begin(vu, monotonicMs()));
  }

  #begin(vu: VirtualUser, nowMs: number): void {
    if (vu.ended) return;
    // The store may have run empty while the VU was thinking.
    if (vu.draining || this.#stopping || this.#storeIsEmpty) this.idle(vu);
    else if (this.#store !== undefined) vu.iterate(nowMs, -1, this.#store.next++);
    else vu.iterate(nowMs, -1);
  }

  /** Ends a VU once it is free; one that only thinks is free already. */
  #drainVu(vu: VirtualUser): void {
    vu.draining = true;
    if (vu.thinkTimer !== null) {
      clearTimeout(vu.thinkTimer);
      vu.thinkTimer = null;
      this.idle(vu);
    }
  }

  /** Iterations of a fixed-count executor that its time limit kept from starting. */
  #countDropped(vu: VirtualUser): void {
    if (this.#iterationLimit === Number.POSITIVE_INFINITY || this.#stopping) return;
    const missing = this.#iterationLimit - vu.startedCount;
    if (missing > 0) vu.userClass.scope.counter('dropped_iterations').add(missing);
    vu.startedCount = this.#iterationLimit;
  }

  get #storeIsEmpty(): boolean {
    return this.#store !== undefined && this.#store.next >= this.#store.to;
  }

  /** Iterations of the store that the time limit kept from being taken. */
  #countDroppedOfStore(): void {
    if (this.#store === undefined || this.#stopping) return;
    const left = this.#store.to - this.#store.next;
    const { scenario, deps } = this.#options;
    const tags = { ...scenario.tags, scenario: scenario.name };
    if (left > 0) deps.meter.counter('dropped_iterations', tags).add(left);
  }

  ended(vu: VirtualUser): void {
    const vuIndex = this.#indexOf.get(vu);
    if (vuIndex === undefined) return;
    const next = this.#active.get(vuIndex)?.next;
    this.#indexOf.delete(vu);
    this.#active.delete(vuIndex);
    this.#options.vus.change(-1);
    if (next !== undefined && !this.#stopping) this.#startVu(vuIndex, next);
    this.#finishIfDone();
  }

  /** Done when no VU is active and none can start any more. */
  #finishIfDone(): void {
    if (this.#finished || this.#active.size > 0) return;
    if (this.#startsLeft > 0 && !this.#stopping && !this.#storeIsEmpty) return;
    this.#finished = true;
    this.#countDroppedOfStore();
    this.#agenda.stop();
    this.#limit?.stop();
    if (this.#cutTimer !== null) clearTimeout(this.#cutTimer);
    this.#options.onFinished();
  }

  drain(graceMs: number): void {
    if (this.#finished || this.#stopping) return;
    this.#stopping = true;
    this.#agenda.stop();
    this.#cutTimer = setTimeout(() => this.cut(), graceMs);
    for (const { vu } of [...this.#active.values()]) this.#drainVu(vu);
    this.#finishIfDone();
  }

  cut(): void {
    this.#stopping = true;
    this.#agenda.stop();
    for (const { vu } of [...this.#active.values()]) vu.kill();
    this.#finishIfDone();
  }
}
