// What a reading tells, as samples have it: gauges as they stand, running totals of counters as what they gained. The
// sampler keeps one book of totals per monitor.

import type { FigureDefinitions, MonitorSample, Reading } from '../model/monitor.ts';

/** Running totals become gains. */
export class CounterTotals {
  readonly #last = new Map<string, { readonly total: number; readonly atMs: number }>();

  /**
   * What each counter gained since it was last read, at this moment of the process clock. A total below the last one
   * counts from 0, since its source began anew; what it gained before that and after the last reading is lost.
   *
   * **Source:** Prometheus, `rate()` and its treatment of counter resets.
   */
  gains(
    figures: FigureDefinitions,
    values: Reading['values'],
    atMs: number,
  ): Record<string, { by: number; overMs: number }> {
    const gains = new Map<string, { by: number; overMs: number }>();
    for (const [name, { type }] of Object.entries(figures)) {
      const total = Object.hasOwn(values, name) ? values[name] : undefined;
      if (type !== 'counter' || total === undefined || !Number.isFinite(total)) continue;
      const last = this.#last.get(name);
      this.#last.set(name, { total, atMs });
      if (last === undefined) continue;
      const by = total < last.total ? total : total - last.total;
      gains.set(name, { by, overMs: atMs - last.atMs });
    }
    return Object.fromEntries(gains);
  }
}

/** Of a reading, the gauges that a monitor may report, as far as they are numbers. */
export function gaugesOf(figures: FigureDefinitions, values: Reading['values']): MonitorSample['values'] {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) =>
        Object.hasOwn(figures, name) && figures[name]!.type === 'gauge' && Number.isFinite(value),
    ),
  );
}
