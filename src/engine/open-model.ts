// Runs arrival-rate executors: iterations start when the plan says so, whatever the target does. A start that
// finds no free VU, and none left to make, is dropped and counted; it is never queued out of sight.

import {
  type Arrival,
  type ArrivalExecutorPlan,
  arrivalTimes,
  durationOf,
  segmentVus,
} from '../plan/schedule.ts';
import { allocate } from '../stats/allocation.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { Agenda } from './agenda.ts';
import { type IterationLimit, limitIterations } from './iteration-limit.ts';
import { generationParts } from './resume.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';
import { createIdentity, VirtualUser, type VuEvents } from './virtual-user.ts';

interface Moment {
  readonly atMs: number;
  readonly event: Arrival | 'allocate' | 'end' | 'cut';
}

/** An arrival whose VU is still in its `onStart`. */
interface Waiting {
  readonly dueAtMs: number;
  readonly index: number;
  readonly random: () => number;
}

export class OpenModelRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #executor: ArrivalExecutorPlan;
  readonly #agenda: Agenda<Moment>;
  readonly #weightTotal: number;
  /** Ids that this worker may give to VUs; the first ones to those allocated beforehand. */
  readonly #ids: number[];
  #takenIdCount = 0;
  readonly #all = new Set<VirtualUser>();
  /** Free VUs by user class, the last one freed first: its connection is the warmest. */
  readonly #free: VirtualUser[][];
  /** VUs allocated beforehand that are still in their `onStart` and not promised to an arrival, by class. */
  readonly #starting: Set<VirtualUser>[];
  readonly #waiting = new Map<VirtualUser, Waiting>();
  readonly #lag: { add(value: number): void };
  readonly #dropped: { add(amount: number): void };
  /** The users made beforehand have begun their life. */
  #welcomed = false;
  #ended = false;
  #finished = false;
  /** VUs at work, or promised to an arrival; those allocated are `vuPeakCount`. */
  #busyCount = 0;
  #limit: IterationLimit | undefined;
  #cutTimer: Timer | null = null;
  vuPeakCount = 0;

  constructor(options: ScenarioRunOptions, executor: ArrivalExecutorPlan) {
    this.#options = options;
    this.#executor = executor;
    const { scenario, classes, deps, worker, workerCount } = options;
    this.#weightTotal = scenario.users.reduce((sum, { weight }) => sum + weight, 0);
    this.#ids = segmentVus(executor.maxVUs, worker, workerCount).map((index) => index + 1);
    this.#free = classes.map(() => []);
    this.#starting = classes.map(() => new Set());
    const tags = { ...scenario.tags, scenario: scenario.name };
    this.#lag = deps.meter.trend('generator_schedule_lag', tags);
    this.#dropped = deps.meter.counter('dropped_iterations', tags);
    const moments = this.#moments();
    this.#agenda = new Agenda(
      deps.clock,
      () => moments.next().value ?? undefined,
      (moment) => this.#carryOut(moment),
      options.metronome.createWaker(),
    );
    // Before run time 0 there is time to make them; see start-lead.ts.
    if (scenario.startAtMs === 0 && options.resume === undefined) this.#allocate();
  }

  #changeBusy(by: number): void {
    this.#busyCount += by;
    this.#options.vus.change(by);
  }

  *#moments(): Generator<Moment, undefined> {
    const { scenario, worker, workerCount, seed, resume } = this.#options;
    const { startAtMs, gracefulStopMs } = scenario;
    const endAtMs = startAtMs + durationOf(this.#executor);
    const resumeAtMs = resume?.atMs ?? Number.NEGATIVE_INFINITY;
    if (endAtMs > resumeAtMs) yield { atMs: startAtMs, event: 'allocate' };
    const random = createRandom(seed, scenario.name, 'arrivals');
    for (const arrival of arrivalTimes(this.#executor, worker, workerCount, random)) {
      const atMs = startAtMs + arrival.atMs;
      if (atMs >= resumeAtMs) yield { atMs, event: arrival };
      // Due while no worker was there for them; those before may have been made by the lost one.
      else if (atMs >= resume!.lostAtMs) this.#dropped.add(1);
    }
    yield { atMs: endAtMs, event: 'end' };
    yield { atMs: endAtMs + gracefulStopMs, event: 'cut' };
    return undefined;
  }

  start(): void {
    this.#limit = limitIterations({
      limitMs: this.#options.scenario.iterationTimeoutMs,
      deps: this.#options.deps,
      events: this,
      vus: () => this.#all,
      replace: (late, successor) => {
        this.#all.delete(late);
        this.#all.add(successor);
      },
    });
    this.#agenda.start();
  }

  #carryOut({ atMs, event }: Moment): void {
    if (event === 'allocate') this.#welcome();
    else if (event === 'end') this.#end();
    else if (event === 'cut') this.cut();
    else this.#arrive(event.index, atMs);
  }

  /** Makes the preallocated users; their life begins with the scenario. */
  #allocate(): void {
    const { worker, workerCount, scenario } = this.#options;
    const count = segmentVus(this.#executor.preAllocatedVUs, worker, workerCount).length;
    const weights = scenario.users.map(({ weight }) => weight);
    allocate(count, weights).forEach((share, classIndex) => {
      for (let i = 0; i < share; i++) {
        const vu = this.#create(classIndex);
        if (vu === undefined) return;
        this.#starting[classIndex]!.add(vu);
      }
    });
  }

  #welcome(): void {
    this.#welcomed = true;
    if (this.#all.size === 0) this.#allocate();
    for (const vu of [...this.#all]) vu.start();
  }

  #create(classIndex: number): VirtualUser | undefined {
    const id = this.#ids[this.#takenIdCount];
    if (id === undefined) return undefined;
    this.#takenIdCount++;
    const { classes, deps, seed, scenario, resume } = this.#options;
    const random = createRandom(seed, scenario.name, 'vu', id, ...generationParts(resume));
    const identity = createIdentity(id, random);
    const vu = new VirtualUser(classes[classIndex]!, identity, deps, this);
    this.#all.add(vu);
    this.vuPeakCount = Math.max(this.vuPeakCount, this.#all.size);
    return vu;
  }

  #arrive(index: number, atMs: number): void {
    const { seed, scenario, deps } = this.#options;
    // One stream per iteration, not per VU: which VU happens to be free must not change what is done.
    const random = createRandom(seed, scenario.name, index);
    const classIndex = this.#drawClass(random);
    const dueAtMs = deps.clock.toProcessMs(atMs);
    const free = this.#free[classIndex]!.pop();
    if (free !== undefined) {
      this.#lag.add(Math.max(0, monotonicMs() - dueAtMs));
      this.#changeBusy(1);
      this.#begin(free, { index, dueAtMs, random });
      return;
    }
    const [starting] = this.#starting[classIndex]!;
    const next = starting ?? this.#create(classIndex) ?? this.#convert(classIndex);
    if (next === undefined) {
      this.#dropped.add(1);
      return;
    }
    this.#lag.add(Math.max(0, monotonicMs() - dueAtMs));
    this.#changeBusy(1);
    this.#waiting.set(next, { index, dueAtMs, random });
    if (starting === undefined) next.start();
    else this.#starting[classIndex]!.delete(starting);
  }

  #drawClass(random: () => number): number {
    const { users } = this.#options.scenario;
    let rest = random() * this.#weightTotal;
    for (let i = 0; i < users.length - 1; i++) {
      rest -= users[i]!.weight;
      if (rest < 0) return i;
    }
    return users.length - 1;
  }

  /** All VUs are made, but one of another class is free: it gives its place to one of this class. */
  #convert(classIndex: number): VirtualUser | undefined {
    for (const others of this.#free) {
      const spare = others.shift();
      if (spare === undefined) continue;
      this.#ids.push(spare.id);
      spare.stop();
      return this.#create(classIndex);
    }
    return undefined;
  }

  #begin(vu: VirtualUser, { index, dueAtMs, random }: Waiting): void {
    vu.identity.random = random;
    const { clock } = this.#options.deps;
    const begin = (nowMs: number): void => {
      if (!vu.ended) vu.iterate(nowMs, dueAtMs, index);
    };
    const nowMs = monotonicMs();
    if (clock.mayGoOn(nowMs)) begin(nowMs);
    else clock.afterTurn(() => begin(monotonicMs()));
  }

  idle(vu: VirtualUser): void {
    const waiting = this.#waiting.get(vu);
    if (waiting !== undefined) {
      this.#waiting.delete(vu);
      this.#begin(vu, waiting);
      return;
    }
    const classIndex = this.#options.classes.indexOf(vu.userClass);
    if (vu.startedCount > 0) this.#changeBusy(-1);
    else this.#starting[classIndex]!.delete(vu);
    if (this.#ended) vu.stop();
    else this.#free[classIndex]!.push(vu);
  }

  ended(vu: VirtualUser): void {
    this.#all.delete(vu);
    this.#finishIfDone();
  }

  /** No more arrivals: free VUs leave, busy ones leave when they are done. */
  #end(): void {
    this.#ended = true;
    for (const free of this.#free) for (const vu of free.splice(0)) vu.stop();
    if (!this.#welcomed) for (const vu of [...this.#all]) vu.kill();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#finished || !this.#ended || this.#all.size > 0) return;
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
    if (this.#ended) return;
    this.#agenda.stop();
    this.#end();
  }

  cut(): void {
    this.#agenda.stop();
    this.#ended = true;
    for (const vu of [...this.#all]) vu.kill();
    this.#changeBusy(-this.#busyCount);
    this.#finishIfDone();
  }
}
