// Runs arrival-rate executors: iterations start when the plan says so, whatever the target does. A start that
// finds no free VU, and none left to make, is dropped and counted; it is never queued out of sight.

import type { ArrivalExecutorPlan } from '../../executors/executors.ts';
import { durationOf } from '../../executors/of-plan.ts';
import { type Arrival, arrivalTimes, preallocatedVus, segmentVus } from '../../plan/schedule.ts';
import { createRandom } from '../../stats/random.ts';
import { monotonicMs } from '../../time/clock.ts';
import { Agenda } from '../agenda.ts';
import { generationParts } from '../resume.ts';
import { VirtualUser, type VuEvents } from '../virtual-user.ts';
import { createIdentity } from '../vu-identity.ts';
import { Roster } from './roster.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';

interface Moment {
  readonly atMs: number;
  readonly event: Arrival | 'allocate' | 'end' | 'cut';
}

/** An arrival that has got a VU. */
interface Promised {
  readonly dueAtMs: number;
  readonly index: number;
  readonly random: () => number;
}

/** An arrival that gets the place of a VU of another class, once that has said farewell. */
interface Heir {
  readonly classIndex: number;
  readonly arrival: Promised;
}

export class OpenRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #executor: ArrivalExecutorPlan;
  readonly #agenda: Agenda<Moment>;
  readonly #weightTotal: number;
  /** How many of the workers have VUs of this scenario; the arrivals are shared out among those. */
  readonly #workerCount: number;
  /** Ids that this worker may give to VUs, the next one last; as many VUs may exist at one time. */
  readonly #ids: number[];
  readonly #roster: Roster;
  /** Free VUs by user class, the last one freed first: its connection is the warmest. */
  readonly #free: VirtualUser[][];
  /** VUs allocated beforehand that are still in their `onStart` and not promised to an arrival, by class. */
  readonly #starting: Set<VirtualUser>[];
  /** Arrivals whose VU is still in its `onStart`, or waits for its turn. */
  readonly #waiting = new Map<VirtualUser, Promised>();
  readonly #heirs = new Map<VirtualUser, Heir>();
  readonly #lag: { add(value: number): void };
  readonly #dropped: { add(amount: number): void };
  /** The users made beforehand have begun their life. */
  #welcomed = false;
  #ended = false;
  #wasCut = false;
  /** VUs at work, or promised to an arrival; those allocated are `vuPeakCount`. */
  #busyCount = 0;

  constructor(options: ScenarioRunOptions, executor: ArrivalExecutorPlan) {
    this.#options = options;
    this.#executor = executor;
    const { scenario, classes, deps, worker, workerCount } = options;
    this.#weightTotal = scenario.users.reduce((sum, { weight }) => sum + weight, 0);
    this.#workerCount = Math.min(workerCount, executor.maxVUs);
    this.#ids = segmentVus(executor.maxVUs, worker, this.#workerCount)
      .map((index) => index + 1)
      .reverse();
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
    this.#roster = new Roster(options, { events: this, agenda: this.#agenda, cut: () => this.cut() });
    // Before run time 0 there is time to make them; see start-lead.ts.
    if (scenario.startAtMs === 0 && options.resume === undefined) this.#allocate();
  }

  get vuPeakCount(): number {
    return this.#roster.peakCount;
  }

  #changeBusy(by: number): void {
    this.#busyCount += by;
    this.#options.vus.change(by);
  }

  *#moments(): Generator<Moment, undefined> {
    const { scenario, worker, seed, resume } = this.#options;
    const { startAtMs, gracefulStopMs } = scenario;
    const endAtMs = startAtMs + durationOf(this.#executor);
    const resumeAtMs = resume?.atMs ?? Number.NEGATIVE_INFINITY;
    if (endAtMs > resumeAtMs) yield { atMs: startAtMs, event: 'allocate' };
    const random = createRandom(seed, scenario.name, 'arrivals');
    const workerCount = this.#workerCount;
    const arrivals = worker < workerCount ? arrivalTimes(this.#executor, worker, workerCount, random) : [];
    for (const arrival of arrivals) {
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
    this.#roster.start();
  }

  #carryOut({ atMs, event }: Moment): void {
    if (event === 'allocate') this.#welcome();
    else if (event === 'end') this.#end();
    else if (event === 'cut') this.cut();
    else this.#arrive(event.index, atMs);
  }

  /** Makes the preallocated users; their life begins with the scenario. */
  #allocate(): void {
    const { worker, scenario } = this.#options;
    const planned = { executor: this.#executor, users: scenario.users };
    preallocatedVus(planned, worker, this.#workerCount).forEach((count, classIndex) => {
      for (let i = 0; i < count; i++) {
        const vu = this.#create(classIndex);
        if (vu === undefined) return;
        this.#starting[classIndex]!.add(vu);
      }
    });
  }

  #welcome(): void {
    this.#welcomed = true;
    if (this.#roster.users.size === 0) this.#allocate();
    for (const vu of [...this.#roster.users]) vu.start();
  }

  #create(classIndex: number): VirtualUser | undefined {
    const id = this.#ids.pop();
    if (id === undefined) return undefined;
    const { classes, deps, seed, scenario, resume } = this.#options;
    const random = createRandom(seed, scenario.name, 'vu', id, ...generationParts(resume));
    const identity = createIdentity(id, random);
    const vu = new VirtualUser(classes[classIndex]!, identity, deps, this);
    this.#roster.add(vu);
    return vu;
  }

  #arrive(index: number, atMs: number): void {
    const { seed, scenario, deps } = this.#options;
    // One stream per iteration, not per VU: which VU happens to be free must not change what is done.
    const random = createRandom(seed, scenario.name, index);
    const classIndex = this.#drawClass(random);
    const arrival: Promised = { index, dueAtMs: deps.clock.toProcessMs(atMs), random };
    const free = this.#free[classIndex]!.pop();
    if (free !== undefined) {
      this.#accept(arrival);
      this.#begin(free, arrival);
      return;
    }
    const [starting] = this.#starting[classIndex]!;
    if (starting !== undefined) {
      this.#accept(arrival);
      this.#starting[classIndex]!.delete(starting);
      this.#waiting.set(starting, arrival);
      return;
    }
    const made = this.#create(classIndex);
    if (made !== undefined) {
      this.#accept(arrival);
      this.#waiting.set(made, arrival);
      made.start();
      return;
    }
    const spare = this.#takeSpare();
    if (spare === undefined) {
      this.#dropped.add(1);
      return;
    }
    this.#accept(arrival);
    this.#heirs.set(spare, { classIndex, arrival });
    spare.stop();
  }

  #accept({ dueAtMs }: Promised): void {
    this.#lag.add(Math.max(0, monotonicMs() - dueAtMs));
    this.#changeBusy(1);
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

  /** All VUs are made, but one of another class may be free: it gives its place away, the longest free one first. */
  #takeSpare(): VirtualUser | undefined {
    return this.#free.find((others) => others.length > 0)?.shift();
  }

  #inherit({ classIndex, arrival }: Heir): void {
    const vu = this.#create(classIndex)!;
    this.#waiting.set(vu, arrival);
    vu.start();
  }

  #begin(vu: VirtualUser, arrival: Promised): void {
    const { index, dueAtMs, random } = arrival;
    vu.identity.random = random;
    const { clock } = this.#options.deps;
    const nowMs = monotonicMs();
    if (clock.mayGoOn(nowMs)) {
      vu.iterate(nowMs, dueAtMs, index);
      return;
    }
    this.#waiting.set(vu, arrival);
    clock.afterTurn(() => {
      if (this.#waiting.delete(vu)) vu.iterate(monotonicMs(), dueAtMs, index);
    });
  }

  idle(vu: VirtualUser): void {
    const waiting = this.#waiting.get(vu);
    if (waiting !== undefined && !vu.outOfRows) {
      this.#waiting.delete(vu);
      this.#begin(vu, waiting);
      return;
    }
    const classIndex = this.#options.classes.indexOf(vu.userClass);
    if (vu.startedCount > 0) this.#changeBusy(-1);
    else this.#starting[classIndex]!.delete(vu);
    // It was due, and could not be carried out.
    if (vu.hadNoRow) this.#dropped.add(1);
    if (this.#ended || vu.outOfRows) vu.stop();
    else this.#free[classIndex]!.push(vu);
  }

  ended(vu: VirtualUser): void {
    this.#roster.remove(vu);
    this.#ids.push(vu.id);
    const heir = this.#heirs.get(vu);
    this.#heirs.delete(vu);
    // What was promised to one that is cut off never starts: it was due, and found nobody.
    if (this.#waiting.delete(vu) || (heir !== undefined && this.#wasCut)) {
      this.#dropped.add(1);
      this.#changeBusy(-1);
    } else if (heir !== undefined) {
      this.#inherit(heir);
    }
    this.#finishIfDone();
  }

  /** No more arrivals: free VUs leave, busy ones leave when they are done. */
  #end(): void {
    this.#ended = true;
    for (const free of this.#free) for (const vu of free.splice(0)) vu.stop();
    if (!this.#welcomed) this.#roster.killAll();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#ended && this.#roster.users.size === 0) this.#roster.finish();
  }

  drain(graceMs: number): void {
    if (!this.#roster.endWithin(graceMs)) return;
    // After its end the scenario may still have a cut of its own to come, which may be the earlier one.
    if (this.#ended) return;
    this.#stopArrivals();
    this.#end();
  }

  /** Those that were due by now, and not seen to because the event loop was late, are dropped. */
  #stopArrivals(): void {
    for (const { event } of this.#agenda.stop()) if (typeof event === 'object') this.#dropped.add(1);
  }

  cut(): void {
    this.#stopArrivals();
    this.#ended = true;
    this.#wasCut = true;
    this.#roster.killAll();
    this.#changeBusy(-this.#busyCount);
    this.#finishIfDone();
  }
}
