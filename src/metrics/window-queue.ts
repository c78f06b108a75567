// Windows wait here until every worker has told of their second, so that what is judged and shown while the run goes on
// is the whole load of a time, never some workers' share of it. The collector owns one.

import type { MetricWindow } from '../model/metric.ts';

const secondMs = 1000;
/** A worker silent for longer holds nothing back any more, until it tells of itself again. */
const patienceMs = 4000;

export class WindowQueue {
  /** How far each part of the plan has told; a replacement goes on with the part of the worker that was lost. */
  readonly #toldMs: number[];
  #waiting: MetricWindow[] = [];
  #untilMs = 0;

  constructor(workerCount: number) {
    this.#toldMs = new Array<number>(Math.max(1, workerCount)).fill(0);
  }

  /** Run time up to which all workers have told of what they did, but for silent ones; whole seconds. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Takes one window in, and gives those that may be counted now, in order of their ends. */
  push(window: MetricWindow): readonly MetricWindow[] {
    const told = this.#toldMs;
    // Processes have numbers of their own: those of one part are the worker count apart.
    const part = window.worker % told.length;
    told[part] = Math.max(told[part]!, window.endAtMs);
    const newestMs = Math.max(...told);
    const leastMs = Math.min(...told.filter((atMs) => newestMs - atMs <= patienceMs));
    this.#untilMs = Math.max(this.#untilMs, Math.floor(leastMs / secondMs) * secondMs);
    this.#waiting.push(window);
    return this.#take(({ endAtMs }) => endAtMs <= leastMs || endAtMs <= this.#untilMs);
  }

  /** The windows that still wait: at the end of the run nobody is waited for. */
  rest(): readonly MetricWindow[] {
    for (const atMs of this.#toldMs) this.#untilMs = Math.max(this.#untilMs, atMs);
    return this.#take(() => true);
  }

  #take(isDue: (window: MetricWindow) => boolean): readonly MetricWindow[] {
    const due = this.#waiting.filter(isDue);
    if (due.length > 0) this.#waiting = this.#waiting.filter((window) => !due.includes(window));
    return due.sort((a, b) => a.endAtMs - b.endAtMs);
  }
}
