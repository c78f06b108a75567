// What live displays show: totals so far and the last whole second. The collector feeds it.

import type { SeriesDelta } from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';

const secondMs = 1000;
/** A worker silent for longer no longer holds back what counts as the last whole second. */
const patienceMs = 3000;

/** What happened within one second, over all workers. */
export class SecondFigures {
  requests = 0;
  iterations = 0;
  readonly durations = new Histogram();
}

/** Keeps the last few seconds, apart from the timeline, whose intervals grow with the run. */
export class LiveFigures {
  readonly #seconds = new Map<number, SecondFigures>();
  readonly #reportedUntilMs = new Map<number, number>();
  /** End of the newest window of any worker. */
  newestEndAtMs = 0;

  /** Notes that a worker has reported up to `endAtMs`. */
  reported(worker: number, endAtMs: number): void {
    this.#reportedUntilMs.set(worker, Math.max(endAtMs, this.#reportedUntilMs.get(worker) ?? 0));
    if (endAtMs <= this.newestEndAtMs) return;
    this.newestEndAtMs = endAtMs;
    const oldest = Math.floor((endAtMs - 2 * patienceMs) / secondMs);
    for (const second of this.#seconds.keys()) if (second < oldest) this.#seconds.delete(second);
  }

  add(metric: string, delta: SeriesDelta, startAtMs: number): void {
    if (metric !== 'http_reqs' && metric !== 'iterations' && metric !== 'http_req_duration') return;
    const second = Math.floor(startAtMs / secondMs);
    const figures = this.#seconds.get(second) ?? new SecondFigures();
    this.#seconds.set(second, figures);
    if (delta.type === 'trend') figures.durations.mergeEncoded(delta.histogram);
    else if (delta.type === 'counter' && metric === 'http_reqs') figures.requests += delta.count;
    else if (delta.type === 'counter') figures.iterations += delta.count;
  }

  /** The last whole second that every worker has reported; empty figures before there is one. */
  lastSecond(): SecondFigures {
    let wholeUntilMs = this.newestEndAtMs;
    for (const endAtMs of this.#reportedUntilMs.values()) {
      if (endAtMs >= this.newestEndAtMs - patienceMs) wholeUntilMs = Math.min(wholeUntilMs, endAtMs);
    }
    return this.#seconds.get(Math.floor(wholeUntilMs / secondMs) - 1) ?? new SecondFigures();
  }
}
