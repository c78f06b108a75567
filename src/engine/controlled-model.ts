// Runs the externally-controlled executor: VUs loop as in the closed model, but how many there are, and whether
// they go on at all, is decided while the run goes on.

import type { ControlledExecutorPlan } from '../executors/executors.ts';
import { segmentVus, userOfVu } from '../plan/schedule.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { Agenda } from './agenda.ts';
import { type IterationLimit, limitIterations } from './iteration-limit.ts';
import type { Control } from './messages.ts';
import { generationParts } from './resume.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';
import { VirtualUser, type VuEvents } from './virtual-user.ts';
import { createIdentity } from './vu-identity.ts';

interface Moment {
  readonly atMs: number;
  readonly event: 'begin' | 'end' | 'cut';
}

export class ControlledRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #classOfVu: Uint16Array;
  /** Indexes of the VUs that this worker may have, ascending. */
  readonly #indexes: readonly number[];
  readonly #active = new Map<number, VirtualUser>();
  readonly #indexOf = new Map<VirtualUser, number>();
  /** VUs that wait for the end of a pause. */
  readonly #resting = new Set<VirtualUser>();
  /** When VUs that are no longer wanted are cut off. */
  readonly #deadlines = new Map<VirtualUser, Timer>();
  readonly #agenda: Agenda<Moment>;
  #wantedCount: number;
  #paused = false;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #finished = false;
  #startCount = 0;
  #limit: IterationLimit | undefined;
  #cutTimer: Timer | null = null;
  vuPeakCount = 0;

  constructor(options: ScenarioRunOptions, executor: ControlledExecutorPlan) {
    this.#options = options;
    const { scenario, worker, workerCount, deps } = options;
    this.#classOfVu = userOfVu(scenario);
    this.#indexes = segmentVus(executor.maxVUs, worker, workerCount);
    this.#wantedCount = executor.vus;
    const endAtMs = scenario.startAtMs + executor.durationMs;
    const moments: Moment[] = [
      { atMs: scenario.startAtMs, event: 'begin' },
      { atMs: endAtMs, event: 'end' },
      { atMs: endAtMs + scenario.gracefulStopMs, event: 'cut' },
    ];
    this.#agenda = new Agenda(
      deps.clock,
      () => moments.shift(),
      ({ event }) => this.#carryOut(event),
    );
  }

  start(): void {
    if (this.#finished) return;
    this.#limit = limitIterations({
      limitMs: this.#options.scenario.iterationTimeoutMs,
      deps: this.#options.deps,
      events: this,
      vus: () => this.#active.values(),
      replace: (late, successor) => {
        const index = this.#indexOf.get(late)!;
        this.#indexOf.delete(late);
        this.#activate(index, successor);
        this.#forgetDeadline(late);
      },
    });
    this.#agenda.start();
  }

  control({ vus, paused }: Control): void {
    this.#wantedCount = vus;
    this.#paused = paused;
    this.#apply();
    if (!paused) for (const vu of [...this.#resting]) this.#goOn(vu);
  }

  #carryOut(event: Moment['event']): void {
    if (event === 'begin') {
      this.#state = 'running';
      this.#apply();
    } else if (event === 'end') {
      this.#end();
    } else {
      this.cut();
    }
  }

  /** Starts the VUs that are wanted and missing, and lets go of those that are there and not wanted. */
  #apply(): void {
    if (this.#state !== 'running') return;
    for (const index of this.#indexes) {
      const vu = this.#active.get(index);
      if (index >= this.#wantedCount) {
        if (vu !== undefined && !vu.draining) this.#drainVu(vu);
      } else if (vu === undefined) {
        this.#startVu(index);
      } else if (vu.draining && !vu.stopping) {
        // Still at its last iteration: it simply goes on.
        vu.draining = false;
        this.#forgetDeadline(vu);
      }
    }
  }

  #startVu(index: number): void {
    const { seed, scenario, classes, deps, resume } = this.#options;
    const generation = generationParts(resume);
    const random = createRandom(seed, scenario.name, index, this.#startCount++, ...generation);
    const identity = createIdentity(index + 1, random);
    const vu = new VirtualUser(classes[this.#classOfVu[index]!]!, identity, deps, this);
    this.#activate(index, vu);
    vu.start();
  }

  #activate(index: number, vu: VirtualUser): void {
    if (!this.#active.has(index)) this.#options.vus.change(1);
    this.#active.set(index, vu);
    this.#indexOf.set(vu, index);
    this.vuPeakCount = Math.max(this.vuPeakCount, this.#active.size);
  }

  idle(vu: VirtualUser): void {
    if (vu.draining || this.#state === 'ended') {
      vu.stop();
      return;
    }
    const thinkMs = vu.startedCount === 0 ? 0 : vu.thinkMs();
    if (thinkMs > 0) {
      vu.thinkTimer = startTimer(() => {
        vu.thinkTimer = null;
        this.#goOn(vu);
      }, thinkMs);
    } else {
      this.#goOn(vu);
    }
  }

  /** The next iteration, or a rest until the pause is over. */
  #goOn(vu: VirtualUser): void {
    this.#resting.delete(vu);
    if (this.#paused) {
      this.#resting.add(vu);
      return;
    }
    const { clock } = this.#options.deps;
    const nowMs = monotonicMs();
    if (clock.mayGoOn(nowMs)) this.#begin(vu, nowMs);
    else clock.afterTurn(() => this.#begin(vu, monotonicMs()));
  }

  #begin(vu: VirtualUser, nowMs: number): void {
    if (vu.ended) return;
    if (vu.draining || this.#state === 'ended') vu.stop();
    else if (this.#paused) this.#resting.add(vu);
    else vu.iterate(nowMs, -1);
  }

  /** Ends a VU once it is free; one that thinks or rests is free already. */
  #drainVu(vu: VirtualUser): void {
    vu.draining = true;
    const { gracefulStopMs } = this.#options.scenario;
    this.#deadlines.set(
      vu,
      startTimer(() => vu.kill(), gracefulStopMs),
    );
    const rests = this.#resting.delete(vu);
    if (vu.thinkTimer === null && !rests) return;
    if (vu.thinkTimer !== null) cancelTimer(vu.thinkTimer);
    vu.thinkTimer = null;
    vu.stop();
  }

  #forgetDeadline(vu: VirtualUser): void {
    cancelTimer(this.#deadlines.get(vu));
    this.#deadlines.delete(vu);
  }

  ended(vu: VirtualUser): void {
    const index = this.#indexOf.get(vu);
    if (index === undefined) return;
    this.#indexOf.delete(vu);
    this.#active.delete(index);
    this.#options.vus.change(-1);
    this.#resting.delete(vu);
    this.#forgetDeadline(vu);
    // It may have been asked for again while it was saying farewell.
    if (this.#state === 'running' && index < this.#wantedCount) this.#startVu(index);
    this.#finishIfDone();
  }

  #end(): void {
    this.#state = 'ended';
    for (const vu of [...this.#active.values()]) if (!vu.draining) this.#drainVu(vu);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#finished || this.#state !== 'ended' || this.#active.size > 0) return;
    this.#finished = true;
    this.#agenda.stop();
    this.#limit?.stop();
    if (this.#cutTimer !== null) cancelTimer(this.#cutTimer);
    this.#options.onFinished();
  }

  drain(graceMs: number): void {
    if (this.#finished || this.#cutTimer !== null) return;
    this.#cutTimer = startTimer(() => this.cut(), graceMs);
    // After its end the scenario may still have a cut of its own to come, which may be the earlier one.
    if (this.#state === 'ended') return;
    this.#agenda.stop();
    this.#end();
  }

  cut(): void {
    this.#agenda.stop();
    this.#state = 'ended';
    for (const vu of [...this.#active.values()]) vu.kill();
    this.#finishIfDone();
  }
}
