// The engine's side of `bursts`, see executors/bursts.cases.ts: at each burst every free VU starts an iteration, and for
// one that is still busy it is dropped.

import type { BurstsPlan } from '../../executors/bursts.cases.ts';
import { segmentVus } from '../../plan/schedule.ts';
import { createRandom } from '../../stats/random.ts';
import { monotonicMs } from '../../time/clock.ts';
import { Agenda } from '../agenda.ts';
import { VirtualUser, type VuEvents } from '../virtual-user.ts';
import { createIdentity } from '../vu-identity.ts';
import { Roster } from './roster.ts';
import type { ScenarioRun, ScenarioRunOptions } from './scenario-run.ts';

interface Moment {
  readonly atMs: number;
  readonly event: 'begin' | 'burst' | 'end' | 'cut';
}

function momentsOf({ scenario }: ScenarioRunOptions, { bursts, everyMs }: BurstsPlan): Moment[] {
  const { startAtMs, gracefulStopMs } = scenario;
  const endAtMs = startAtMs + bursts * everyMs;
  return [
    { atMs: startAtMs, event: 'begin' },
    ...Array.from({ length: bursts }, (_, k) => ({ atMs: startAtMs + k * everyMs, event: 'burst' as const })),
    { atMs: endAtMs, event: 'end' },
    { atMs: endAtMs + gracefulStopMs, event: 'cut' },
  ];
}

export class BurstsRun implements ScenarioRun, VuEvents {
  readonly #options: ScenarioRunOptions;
  readonly #executor: BurstsPlan;
  readonly #roster: Roster;
  readonly #agenda: Agenda<Moment>;
  #ended = false;

  constructor(options: ScenarioRunOptions, executor: BurstsPlan) {
    this.#options = options;
    this.#executor = executor;
    const moments = momentsOf(options, executor);
    this.#agenda = new Agenda(
      options.deps.clock,
      () => moments.shift(),
      ({ event }) => this.#carryOut(event),
    );
    this.#roster = new Roster(options, { events: this, agenda: this.#agenda, cut: () => this.cut() });
  }

  get vuPeakCount(): number {
    return this.#roster.peakCount;
  }

  start(): void {
    this.#roster.start();
  }

  #carryOut(event: Moment['event']): void {
    if (event === 'begin') this.#begin();
    else if (event === 'burst') this.#burst();
    else if (event === 'end') this.#end();
    else this.cut();
  }

  #begin(): void {
    const { scenario, classes, deps, seed, worker, workerCount, vus } = this.#options;
    for (const index of segmentVus(this.#executor.vus, worker, workerCount)) {
      const identity = createIdentity(index + 1, createRandom(seed, scenario.name, index));
      const vu = new VirtualUser(classes[index % classes.length]!, identity, deps, this);
      vus.change(1);
      this.#roster.add(vu);
      vu.start();
    }
  }

  #burst(): void {
    for (const vu of this.#roster.users) {
      if (vu.idle) vu.iterate(monotonicMs(), -1);
      else vu.userClass.scope.counter('dropped_iterations').add(1);
    }
  }

  idle(vu: VirtualUser): void {
    if (this.#ended) vu.stop();
  }

  ended(vu: VirtualUser): void {
    if (!this.#roster.remove(vu)) return;
    this.#options.vus.change(-1);
    this.#finishIfDone();
  }

  #end(): void {
    this.#ended = true;
    for (const vu of [...this.#roster.users]) if (vu.idle) vu.stop();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#ended && this.#roster.users.size === 0) this.#roster.finish();
  }

  drain(graceMs: number): void {
    if (!this.#roster.endWithin(graceMs)) return;
    this.#agenda.stop();
    this.#end();
  }

  cut(): void {
    this.#agenda.stop();
    this.#ended = true;
    this.#roster.killAll();
    this.#finishIfDone();
  }
}
