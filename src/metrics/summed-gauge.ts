// A gauge of which each worker knows its own part (vus, vus_max): the run's value is the sum. The collector uses it.

import type { GaugeValues, SeriesDelta } from '../model/metric.ts';

export const summedGauges: ReadonlySet<string> = new Set(['vus', 'vus_max']);

type GaugeDelta = Extract<SeriesDelta, { type: 'gauge' }>;

interface Contribution {
  readonly worker: number;
  readonly delta: GaugeDelta;
}

const windowMs = 1000;
/** Workers tell of every second; where nobody did for longer than this, the time between is left out. */
const mostSilentSeconds = 60;

/**
 * Sums a gauge over workers and series, second by second. Seconds are summed when they are sealed, in order,
 * so that windows may arrive late by a little; a series that reports nothing keeps its last value.
 */
export class SummedGauge {
  readonly #latest = new Map<string, { readonly worker: number; readonly value: number }>();
  readonly #newest = new Map<string, { readonly startAtMs: number; readonly value: number }>();
  readonly #pending = new Map<number, Map<string, Contribution>>();
  #sealedBelow = 0;

  add(worker: number, startAtMs: number, delta: GaugeDelta): void {
    const contributor = `${worker}:${delta.id}`;
    const newest = this.#newest.get(contributor);
    if (newest === undefined || startAtMs >= newest.startAtMs) {
      this.#newest.set(contributor, { startAtMs, value: delta.value });
    }
    // What comes after its second was sealed counts in the oldest second still open.
    const second = Math.max(Math.floor(startAtMs / windowMs), this.#sealedBelow);
    const contributions = this.#pending.get(second) ?? new Map<string, Contribution>();
    this.#pending.set(second, contributions);
    // One that says it had nothing takes back what it said of this second: its process was lost in it, and
    // another one may have the same users before the second is over.
    const earlier = delta.max === 0 ? undefined : contributions.get(contributor)?.delta;
    contributions.set(contributor, {
      worker,
      delta: {
        ...delta,
        min: Math.min(delta.min, earlier?.min ?? delta.min),
        max: Math.max(delta.max, earlier?.max ?? delta.max),
      },
    });
  }

  /** The sum of the newest values; `undefined` when there is none. */
  current(): number | undefined {
    if (this.#newest.size === 0) return undefined;
    let sum = 0;
    for (const { value } of this.#newest.values()) sum += value;
    return sum;
  }

  /** Sums every second before `second` that is still open, ascending, from the first one with a value on. */
  seal(second: number, emit: (startAtMs: number, values: GaugeValues) => void): void {
    let silentSeconds = 0;
    for (; this.#sealedBelow < second; this.#sealedBelow++) {
      if (silentSeconds > mostSilentSeconds) {
        silentSeconds = 0;
        this.#skipSilence(second);
      }
      const contributions = this.#pending.get(this.#sealedBelow);
      silentSeconds = contributions === undefined ? silentSeconds + 1 : 0;
      const values = this.#sum(contributions);
      this.#pending.delete(this.#sealedBelow);
      if (values !== undefined) emit(this.#sealedBelow * windowMs, values);
    }
  }

  /** Goes on at the next second with a value, or just before `second`. */
  #skipSilence(second: number): void {
    let next = second - 1;
    for (const pending of this.#pending.keys()) next = Math.min(next, pending);
    this.#sealedBelow = Math.max(this.#sealedBelow, next);
  }

  /**
   * Sum of one second. Lowest and highest values of several workers add up, as workers share one schedule. Those
   * of several series in one worker do not (when a scenario ends and the next begins, one falls while the other
   * rises), so there the sums at the start and the end of the second bound it.
   */
  #sum(contributions: ReadonlyMap<string, Contribution> | undefined): GaugeValues | undefined {
    const before = this.#perWorker();
    for (const [contributor, { worker, delta }] of contributions ?? []) {
      this.#latest.set(contributor, { worker, value: delta.value });
    }
    if (this.#latest.size === 0) return undefined;
    const after = this.#perWorker();
    const total = { value: 0, min: 0, max: 0 };
    for (const [worker, { sum, seriesCount }] of after) {
      const deltas = [...(contributions?.values() ?? [])].filter((one) => one.worker === worker);
      const starts = before.get(worker)?.sum ?? sum;
      const only = seriesCount === 1 ? deltas[0]?.delta : undefined;
      total.value += sum;
      total.min += only?.min ?? Math.min(starts, sum);
      total.max += only?.max ?? Math.max(starts, sum, ...deltas.map(({ delta }) => delta.max));
    }
    return total;
  }

  #perWorker(): Map<number, { sum: number; seriesCount: number }> {
    const workers = new Map<number, { sum: number; seriesCount: number }>();
    for (const { worker, value } of this.#latest.values()) {
      const known = workers.get(worker) ?? { sum: 0, seriesCount: 0 };
      workers.set(worker, { sum: known.sum + value, seriesCount: known.seriesCount + 1 });
    }
    return workers;
  }
}
