// Runs the externally-controlled executor: VUs loop as in the closed model, but how many there are, and whether
// they go on at all, is decided while the run goes on.

import type { ControlledExecutorPlan } from '../../executors/executors.ts';
import { segmentVus, userOfVu } from '../../plan/schedule.ts';
import { createRandom } from '../../stats/random.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import { Agenda } from '../agenda.ts';
import type { Control } from '../messages.ts';
import { generationParts } from '../resume.ts';
import { VirtualUser, type VuEvents } from '../virtual-user.ts';
import { createIdentity } from '../vu-identity.ts';
import { afterThinking, endThinking, inItsTurn } from './pace.ts';
import { Roster } from './roster.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';

interface Moment {
  readonly atMs: number;
  readonly event: 'begin' | 'end' | 'cut';
}

function indexOf(vu: VirtualUser): number {
  return vu.id - 1;
}

export class ControlledRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #classOfVu: Uint16Array;
  /** Indexes of the VUs that this worker may have, ascending. */
  readonly #indexes: readonly number[];
  readonly #active = new Map<number, VirtualUser>();
  /** VUs that wait for the end of a pause. */
  readonly #resting = new Set<VirtualUser>();
  /** When VUs that are no longer wanted are cut off. */
  readonly #deadlines = new Map<VirtualUser, Timer>();
  readonly #agenda: Agenda<Moment>;
  #wantedCount: number;
  #paused = false;
  #state: 'waiting' | 'running' | 'ended' = 'waiting';
  #startCount = 0;
  readonly #roster: Roster;
  readonly #begin = (vu: VirtualUser, nowMs: number): void => this.#iterate(vu, nowMs);
  /** The next iteration, or a rest until the pause is over. */
  readonly #goOn = (vu: VirtualUser, nowMs: number): void => {
    this.#resting.delete(vu);
    if (this.#paused) this.#resting.add(vu);
    else inItsTurn(this.#options.deps.clock, vu, nowMs, this.#begin);
  };

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
    this.#roster = new Roster(options, {
      events: this,
      agenda: this.#agenda,
      cut: () => this.cut(),
      replaced: (late, successor) => {
        this.#active.set(indexOf(late), successor);
        this.#forgetDeadline(late);
      },
    });
  }

  start(): void {
    this.#roster.start();
  }

  get vuPeakCount(): number {
    return this.#roster.peakCount;
  }

  control({ vus, paused }: Control): void {
    this.#wantedCount = vus;
    this.#paused = paused;
    this.#apply();
    if (!paused) for (const vu of [...this.#resting]) this.#goOn(vu, monotonicMs());
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
    this.#options.vus.change(1);
    this.#active.set(index, vu);
    this.#roster.add(vu);
    vu.start();
  }

  idle(vu: VirtualUser): void {
    if (vu.draining || vu.outOfRows || this.#state === 'ended') {
      vu.stop();
      return;
    }
    afterThinking(vu, this.#goOn);
  }

  #iterate(vu: VirtualUser, nowMs: number): void {
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
    if (endThinking(vu) || rests) vu.stop();
  }

  #forgetDeadline(vu: VirtualUser): void {
    cancelTimer(this.#deadlines.get(vu));
    this.#deadlines.delete(vu);
  }

  ended(vu: VirtualUser): void {
    if (!this.#roster.remove(vu)) return;
    const index = indexOf(vu);
    this.#active.delete(index);
    this.#options.vus.change(-1);
    this.#resting.delete(vu);
    this.#forgetDeadline(vu);
    // It may have been asked for again while it was saying farewell.
    if (this.#state === 'running' && index < this.#wantedCount && !vu.outOfRows) this.#startVu(index);
    this.#finishIfDone();
  }

  #end(): void {
    this.#state = 'ended';
    for (const vu of [...this.#active.values()]) if (!vu.draining) this.#drainVu(vu);
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#state === 'ended' && this.#active.size === 0) this.#roster.finish();
  }

  drain(graceMs: number): void {
    if (!this.#roster.endWithin(graceMs)) return;
    // After its end the scenario may still have a cut of its own to come, which may be the earlier one.
    if (this.#state === 'ended') return;
    this.#agenda.stop();
    this.#end();
  }

  cut(): void {
    this.#agenda.stop();
    this.#state = 'ended';
    this.#roster.killAll();
    this.#finishIfDone();
  }
}
