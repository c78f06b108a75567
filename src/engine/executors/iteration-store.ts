// One worker's part of a shared store of iterations: the numbers its VUs take. Used by the closed model's runner.

import type { ScenarioProgress } from '../resume.ts';

export class IterationStore {
  /** Taken by a worker that was lost and not known to be completed, or given back: they go first. */
  #again: readonly number[] = [];
  #againTaken = 0;
  #next: number;
  readonly #to: number;

  /** Numbers `from` <= n < `to`; less what a lost worker had completed when it last told. */
  constructor(from: number, to: number, progress: ScenarioProgress | null = null) {
    this.#next = from;
    this.#to = to;
    if (progress?.kind !== 'store') return;
    this.#next = progress.next;
    this.#again = progress.open;
  }

  get leftCount(): number {
    return this.#again.length - this.#againTaken + this.#to - this.#next;
  }

  /** The number of the next iteration; only while some are left. */
  take(): number {
    return this.#againTaken < this.#again.length ? this.#again[this.#againTaken++]! : this.#next++;
  }

  /** It was taken, and not carried out. */
  giveBack(iteration: number): void {
    this.#again = [...this.#again.slice(this.#againTaken), iteration];
    this.#againTaken = 0;
  }

  /** Gives up what is left. */
  close(): void {
    this.#againTaken = this.#again.length;
    this.#next = this.#to;
  }

  /** `running` are the numbers that were taken and are being carried out. */
  progress(running: readonly number[]): ScenarioProgress {
    return { kind: 'store', next: this.#next, open: [...this.#again.slice(this.#againTaken), ...running] };
  }
}
