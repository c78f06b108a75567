// Runs the executors of the closed model but externally-controlled: each VU is active
// during the intervals that the plan gives it, and starts its next iteration when the last one is done.

import type { VuExecutorPlan } from '../executors/executors.ts';
import { fixedIterationsOf, maxVusOf } from '../executors/of-plan.ts';
import { segmentIterations, segmentVus, userOfVu } from '../plan/schedule.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { Agenda } from './agenda.ts';
import { inTurns } from './in-turns.ts';
import { type IterationLimit, limitIterations } from './iteration-limit.ts';
import { IterationStore } from './iteration-store.ts';
import { generationParts, type ScenarioProgress } from './resume.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';
import { VirtualUser, type VuEvents } from './virtual-user.ts';
import { type VuChange, vuChanges } from './vu-changes.ts';
import { createIdentity } from './vu-identity.ts';

interface Active {
  readonly vu: VirtualUser;
  interval: number;
  /** The interval to come back for, when it began while the VU was still stopping. */
  next?: number;
}

export class ClosedModelRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #classOfVu: Uint16Array;
  /** Of the VUs that this worker has, ascending. */
  readonly #vuIndexes: readonly number[];
  readonly #active = new Map<number, Active>();
  readonly #indexOf = new Map<VirtualUser, number>();
  readonly #agenda: Agenda<VuChange>;
  readonly #iterationLimit: number;
  /** With per-vu-iterations: what each VU that is not active has completed or dropped, by VU index. */
  readonly #settled = new Map<number, number>();
  /** With shared-iterations: this worker's part of the store. */
  readonly #store: IterationStore | undefined;
  #startsLeft: number;
  #stopping = false;
  #finished = false;
  #limit: IterationLimit | undefined;
  #cutTimer: Timer | null = null;
  vuPeakCount = 0;

  constructor(options: ScenarioRunOptions, executor: VuExecutorPlan) {
    this.#options = options;
    const { scenario, worker, workerCount, resume } = options;
    this.#classOfVu = userOfVu(scenario);
    const fixed = fixedIterationsOf(executor);
    this.#iterationLimit = fixed !== undefined && 'perVu' in fixed ? fixed.perVu : Number.POSITIVE_INFINITY;
    if (fixed !== undefined && 'shared' in fixed) {
      const all = { iterations: fixed.shared, vus: maxVusOf(executor) };
      const { from, to } = segmentIterations(all, worker, workerCount);
      this.#store = new IterationStore(from, to, resume?.progress);
    }
    this.#vuIndexes = segmentVus(this.#classOfVu.length, worker, workerCount);
    if (resume?.progress?.kind === 'settled') {
      const { counts } = resume.progress;
      this.#vuIndexes.forEach((vuIndex, i) => void this.#settled.set(vuIndex, counts[i] ?? 0));
    }
    const open = this.#vuIndexes.filter((vuIndex) => this.#missingOf(vuIndex) > 0);
    const changes = vuChanges(scenario, executor, open, resume?.atMs);
    this.#startsLeft = changes.filter(({ action }) => action === 'start').length;
    let position = 0;
    this.#agenda = new Agenda(
      options.deps.clock,
      () => changes[position++],
      (change) => this.#carryOut(change),
    );
    if (resume !== undefined) this.#dropMissed(open, changes);
  }

  /** Iterations that a VU which is not active has still to do. */
  #missingOf(vuIndex: number): number {
    return this.#iterationLimit - (this.#settled.get(vuIndex) ?? 0);
  }

  /** A worker was lost, and the time of some of its VUs ran out before this one was there. */
  #dropMissed(open: readonly number[], changes: readonly VuChange[]): void {
    if (this.#iterationLimit === Number.POSITIVE_INFINITY) return;
    const coming = new Set(changes.map(({ vuIndex }) => vuIndex));
    for (const vuIndex of open) {
      if (!coming.has(vuIndex)) this.#drop(vuIndex, this.#missingOf(vuIndex));
    }
  }

  #drop(vuIndex: number, count: number): void {
    this.#options.classes[this.#classOfVu[vuIndex]!]!.scope.counter('dropped_iterations').add(count);
    this.#settled.set(vuIndex, this.#iterationLimit);
  }

  start(): void {
    if (this.#finished) return;
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

  #carryOut({ vuIndex, interval, action }: VuChange): void {
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
        this.#countDroppedOfStore();
        if (running?.interval === interval) this.#drainVu(running.vu);
        else if (running?.next === interval) delete running.next;
        break;
      case 'cut':
        if (running?.interval === interval) running.vu.kill();
        break;
    }
    this.#finishIfDone();
  }

  #startVu(vuIndex: number, interval: number): void {
    const { seed, scenario, classes, deps, resume } = this.#options;
    const random = createRandom(seed, scenario.name, vuIndex, interval, ...generationParts(resume));
    const settledCount = this.#settled.get(vuIndex) ?? 0;
    const identity = createIdentity(vuIndex + 1, random, settledCount);
    const vu = new VirtualUser(classes[this.#classOfVu[vuIndex]!]!, identity, deps, this);
    vu.startedCount = settledCount;
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
      vu.stop();
      return;
    }
    const thinkMs = vu.startedCount === 0 ? 0 : vu.thinkMs();
    if (thinkMs > 0) {
      vu.thinkTimer = startTimer(() => {
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
    else if (this.#store !== undefined) vu.iterate(nowMs, -1, this.#store.take());
    else vu.iterate(nowMs, -1);
  }

  /** Ends a VU once it is free; one that only thinks is free already. */
  #drainVu(vu: VirtualUser): void {
    vu.draining = true;
    this.#countDropped(vu);
    if (vu.thinkTimer !== null) {
      cancelTimer(vu.thinkTimer);
      vu.thinkTimer = null;
      this.idle(vu);
    }
  }

  /** Iterations of a fixed-count executor that its time limit keeps from starting; an interrupted run drops none. */
  #countDropped(vu: VirtualUser): void {
    if (this.#iterationLimit === Number.POSITIVE_INFINITY || this.#stopping) return;
    const missing = this.#iterationLimit - vu.startedCount;
    if (missing > 0) vu.userClass.scope.counter('dropped_iterations').add(missing);
    vu.startedCount = this.#iterationLimit;
  }

  get #storeIsEmpty(): boolean {
    return this.#store?.leftCount === 0;
  }

  /** Iterations of the store that the time limit kept from being taken. */
  #countDroppedOfStore(): void {
    if (this.#store === undefined || this.#stopping) return;
    const { leftCount } = this.#store;
    const { scenario, deps } = this.#options;
    const tags = { ...scenario.tags, scenario: scenario.name };
    if (leftCount > 0) deps.meter.counter('dropped_iterations', tags).add(leftCount);
    this.#store.close();
  }

  ended(vu: VirtualUser): void {
    const vuIndex = this.#indexOf.get(vu);
    if (vuIndex === undefined) return;
    const next = this.#active.get(vuIndex)?.next;
    if (this.#iterationLimit < Number.POSITIVE_INFINITY) this.#settled.set(vuIndex, vu.startedCount);
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
    if (this.#cutTimer !== null) cancelTimer(this.#cutTimer);
    this.#options.onFinished();
  }

  progress(): ScenarioProgress | null {
    if (this.#store !== undefined) {
      const busy = [...this.#active.values()].filter(({ vu }) => vu.iterating);
      return this.#store.progress(busy.map(({ vu }) => vu.identity.iteration));
    }
    if (this.#iterationLimit === Number.POSITIVE_INFINITY) return null;
    const counts = Uint32Array.from(this.#vuIndexes, (vuIndex) => {
      const vu = this.#active.get(vuIndex)?.vu;
      if (vu === undefined) return this.#settled.get(vuIndex) ?? 0;
      return vu.startedCount - (vu.iterating ? 1 : 0);
    });
    return { kind: 'settled', counts };
  }

  /** Where the plan's end has come already, and was not seen to because the event loop was late, it counts. */
  #stop(): void {
    const overdue = this.#agenda.stop();
    for (const { action, vuIndex } of overdue) {
      if (action !== 'drain') continue;
      this.#countDroppedOfStore();
      const running = this.#active.get(vuIndex);
      if (running !== undefined) this.#countDropped(running.vu);
      else if (this.#iterationLimit < Number.POSITIVE_INFINITY) this.#drop(vuIndex, this.#missingOf(vuIndex));
    }
    this.#stopping = true;
  }

  drain(graceMs: number): void {
    if (this.#finished || this.#stopping) return;
    this.#stop();
    this.#cutTimer = startTimer(() => this.cut(), graceMs);
    inTurns([...this.#active.values()], ({ vu }) => this.#drainVu(vu));
    this.#finishIfDone();
  }

  cut(): void {
    this.#stop();
    inTurns([...this.#active.values()], ({ vu }) => vu.kill());
    this.#finishIfDone();
  }
}
