// The users of one scenario in one worker, and the life that every executor gives them: their start, the limit of their
// iterations, the time they get to end, and the end. Used by every executor of this folder.

import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { VirtualUser, VuEvents } from '../virtual-user.ts';
import { type IterationLimit, limitIterations } from './iteration-limit.ts';
import type { ScenarioRunOptions } from './scenario-run.ts';

export interface RosterOptions {
  readonly events: VuEvents;
  /** What the executor does at its times; started and stopped with the scenario. */
  readonly agenda: { start(): void; stop(): unknown };
  /** Ends everything now. */
  readonly cut: () => void;
  /** A user gave up an iteration that took too long, and another goes on in its place. */
  readonly replaced?: (late: VirtualUser, successor: VirtualUser) => void;
}

export class Roster {
  /** Those that live, the first to come first. */
  readonly users = new Set<VirtualUser>();
  /** The most that lived at one time. */
  peakCount = 0;
  readonly #scenario: ScenarioRunOptions;
  readonly #options: RosterOptions;
  #limit: IterationLimit | undefined;
  #cutTimer: Timer | null = null;
  #finished = false;

  constructor(scenario: ScenarioRunOptions, options: RosterOptions) {
    this.#scenario = scenario;
    this.#options = options;
  }

  /** Run time 0. */
  start(): void {
    if (this.#finished) return;
    const { deps, scenario } = this.#scenario;
    this.#limit = limitIterations({
      limitMs: scenario.iterationTimeoutMs,
      deps,
      events: this.#options.events,
      vus: () => this.users,
      replace: (late, successor) => {
        this.users.delete(late);
        this.users.add(successor);
        this.#options.replaced?.(late, successor);
      },
    });
    this.#options.agenda.start();
  }

  add(vu: VirtualUser): void {
    this.users.add(vu);
    this.peakCount = Math.max(this.peakCount, this.users.size);
  }

  /** False for one that another has replaced. */
  remove(vu: VirtualUser): boolean {
    return this.users.delete(vu);
  }

  /** Cuts off what is not over within `graceMs`. False when it is over, or its time is running out already. */
  endWithin(graceMs: number): boolean {
    if (this.#finished || this.#cutTimer !== null) return false;
    this.#cutTimer = startTimer(this.#options.cut, graceMs);
    return true;
  }

  killAll(): void {
    for (const vu of [...this.users]) vu.kill();
  }

  /** No user lives and none will come any more. Told once, however often it is called. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#options.agenda.stop();
    this.#limit?.stop();
    if (this.#cutTimer !== null) cancelTimer(this.#cutTimer);
    this.#scenario.onFinished();
  }
}
