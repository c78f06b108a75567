// Windows wait here until every worker has told of their second, so that what is judged and shown while the run goes on
// is the whole load of a time, never some workers' share of it. The collector owns one.

import type { MetricWindow } from '../model/metric.ts';

const secondMs = 1000;
/** A worker silent for longer holds nothing back any more, until it tells of itself again. */
const patienceMs = 4000;

interface Waiting {
  readonly window: MetricWindow;
  /** The end of the latest of its worker up to it: windows of one worker stay in order. */
  readonly endAtMs: number;
}

export class WindowQueue {
  /** How far each part of the plan has told; a replacement goes on with the part of the worker that was lost. */
  readonly #toldMs: number[];
  readonly #endOfSenderMs = new Map<number, number>();
  #waiting: Waiting[] = [];
  #untilMs = 0;

  constructor(workerCount: number) {
    this.#toldMs = new Array<number>(Math.max(1, workerCount)).fill(0);
  }

  /** Run time up to which all workers have told of what they did, but for silent ones; whole seconds. */
  get untilMs(): number {
    return this.#untilMs;
  }

  /** Takes one window in, and gives those that may be counted now, in the order in which they came. */
  push(window: MetricWindow): readonly MetricWindow[] {
    const told = this.#toldMs;
    const { worker } = window;
    // Processes have numbers of their own: those of one part are the worker count apart.
    const part = worker % told.length;
    told[part] = Math.max(told[part]!, window.endAtMs);
    const endAtMs = Math.max(window.endAtMs, this.#endOfSenderMs.get(worker) ?? 0);
    this.#endOfSenderMs.set(worker, endAtMs);
    const newestMs = Math.max(...told);
    const leastMs = Math.min(...told.filter((atMs) => newestMs - atMs <= patienceMs));
    this.#untilMs = Math.max(this.#untilMs, Math.floor(leastMs / secondMs) * secondMs);
    this.#waiting.push({ window, endAtMs });
    return this.#take((one) => one.endAtMs <= leastMs || one.endAtMs <= this.#untilMs);
  }

  /** The windows that still wait: at the end of the run nobody is waited for. */
  rest(): readonly MetricWindow[] {
    for (const atMs of this.#toldMs) this.#untilMs = Math.max(this.#untilMs, atMs);
    return this.#take(() => true);
  }

  #take(isDue: (waiting: Waiting) => boolean): readonly MetricWindow[] {
    const due = this.#waiting.filter(isDue);
    if (due.length > 0) this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    return due.map(({ window }) => window);
  }
}
