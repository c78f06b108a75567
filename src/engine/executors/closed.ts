// Runs the executors of the closed model but externally-controlled: each VU is active
// during the intervals that the plan gives it, and starts its next iteration when the last one is done.

import type { VuExecutorPlan } from '../../executors/executors.ts';
import { fixedIterationsOf, maxVusOf } from '../../executors/of-plan.ts';
import { segmentIterations, segmentVus, userOfVu } from '../../plan/schedule.ts';
import { createRandom } from '../../stats/random.ts';
import { Agenda } from '../agenda.ts';
import { inTurns } from '../in-turns.ts';
import { generationParts, type ScenarioProgress } from '../resume.ts';
import { VirtualUser, type VuEvents } from '../virtual-user.ts';
import { createIdentity } from '../vu-identity.ts';
import { IterationStore } from './iteration-store.ts';
import { afterThinking, endThinking, inItsTurn } from './pace.ts';
import { Roster } from './roster.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';
import { type VuChange, vuChanges } from './vu-changes.ts';

interface Active {
  readonly vu: VirtualUser;
  interval: number;
  /** The interval to come back for, when it began while the VU was still stopping. */
  next?: number;
}

function indexOf(vu: VirtualUser): number {
  return vu.id - 1;
}

export class ClosedRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #classOfVu: Uint16Array;
  /** Of the VUs that this worker has, ascending. */
  readonly #vuIndexes: readonly number[];
  readonly #active = new Map<number, Active>();
  readonly #agenda: Agenda<VuChange>;
  readonly #iterationLimit: number;
  /** With per-vu-iterations: what each VU that is not active has completed or dropped, by VU index. */
  readonly #settled = new Map<number, number>();
  /** With shared-iterations: this worker's part of the store. */
  readonly #store: IterationStore | undefined;
  #startsLeft: number;
  #stopping = false;
  readonly #roster: Roster;
  readonly #begin = (vu: VirtualUser, nowMs: number): void => this.#iterate(vu, nowMs);
  readonly #goOn = (vu: VirtualUser, nowMs: number): void =>
    inItsTurn(this.#options.deps.clock, vu, nowMs, this.#begin);

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
    this.#roster = new Roster(options, {
      events: this,
      agenda: this.#agenda,
      cut: () => this.cut(),
      replaced: (late, successor) => {
        const { interval } = this.#active.get(indexOf(late))!;
        this.#active.set(indexOf(late), { vu: successor, interval });
      },
    });
    if (resume !== undefined) this.#dropMissed(open, changes);
  }

  get vuPeakCount(): number {
    return this.#roster.peakCount;
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
    this.#roster.start();
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
    this.#options.vus.change(1);
    this.#active.set(vuIndex, { vu, interval });
    this.#roster.add(vu);
    vu.start();
  }

  idle(vu: VirtualUser): void {
    if (vu.outOfRows) {
      this.#leaveWithoutRow(vu);
      return;
    }
    if (vu.draining || this.#stopping || this.#storeIsEmpty || vu.startedCount >= this.#iterationLimit) {
      vu.stop();
      return;
    }
    afterThinking(vu, this.#goOn);
  }

  #iterate(vu: VirtualUser, nowMs: number): void {
    if (vu.ended) return;
    // The store may have run empty while the VU was thinking.
    if (vu.draining || this.#stopping || this.#storeIsEmpty) this.idle(vu);
    else if (this.#store !== undefined) vu.iterate(nowMs, -1, this.#store.take());
    else vu.iterate(nowMs, -1);
  }

  /** What it was to do is left to others where the store is shared, and dropped where it is its own. */
  #leaveWithoutRow(vu: VirtualUser): void {
    if (vu.hadNoRow) {
      vu.startedCount--;
      this.#store?.giveBack(vu.identity.iteration);
    }
    this.#countDropped(vu);
    vu.stop();
  }

  /** Ends a VU once it is free; one that only thinks is free already. */
  #drainVu(vu: VirtualUser): void {
    vu.draining = true;
    this.#countDropped(vu);
    if (endThinking(vu)) this.idle(vu);
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
    if (!this.#roster.remove(vu)) return;
    const vuIndex = indexOf(vu);
    const next = this.#active.get(vuIndex)?.next;
    if (this.#iterationLimit < Number.POSITIVE_INFINITY) this.#settled.set(vuIndex, vu.startedCount);
    this.#active.delete(vuIndex);
    this.#options.vus.change(-1);
    if (next !== undefined && !this.#stopping) this.#startVu(vuIndex, next);
    this.#finishIfDone();
  }

  /** Done when no VU is active and none can start any more. */
  #finishIfDone(): void {
    if (this.#active.size > 0) return;
    if (this.#startsLeft > 0 && !this.#stopping && !this.#storeIsEmpty) return;
    this.#countDroppedOfStore();
    this.#roster.finish();
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
    if (this.#stopping || !this.#roster.endWithin(graceMs)) return;
    this.#stop();
    inTurns([...this.#active.values()], ({ vu }) => this.#drainVu(vu));
    this.#finishIfDone();
  }

  cut(): void {
    this.#stop();
    inTurns([...this.#active.values()], ({ vu }) => vu.kill());
    this.#finishIfDone();
  }
}
