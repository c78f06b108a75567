// Asks monitors for readings, each at its own interval, while a run goes on. run.ts starts it and hands on its reports.

import { messageOf } from '../model/errors.ts';
import type { FigureDefinitions, MonitorReport, MonitorSample, Reading } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { monotonicMs } from '../time/clock.ts';
import type { Monitor } from './monitor.ts';

export interface Watched {
  readonly plan: MonitorPlan;
  readonly monitor: Monitor;
}

export interface Sampler {
  /**
   * One reading of each monitor before the load, so that connections stand and a source that cannot be read is known
   * of. What was read is the base of counters, and is not reported. Resolves with why monitors failed.
   */
  prime(): Promise<{ readonly monitor: string; readonly reason: string }[]>;
  /** Reads from now on; `now` tells the run time. */
  start(now: () => number): void;
  /** A last reading of each monitor whose latest is older than half its interval, and no further ones. */
  finish(): Promise<void>;
  /** Lets go of all sources; readings that are under way are given up. */
  close(): Promise<void>;
}

/** Beyond its timeout, a monitor that does not heed the signal is given this long. */
const unheededMs = 1000;

export function createSampler(watched: readonly Watched[], report: (report: MonitorReport) => void): Sampler {
  const loops = watched.map((one) => new MonitorLoop(one, report));
  return {
    async prime() {
      const reasons = await Promise.all(loops.map((loop) => loop.prime()));
      return reasons.flatMap((reason, i) =>
        reason === undefined ? [] : [{ monitor: watched[i]!.plan.name, reason }],
      );
    },
    start(now) {
      for (const loop of loops) loop.start(now);
    },
    async finish() {
      await Promise.all(loops.map((loop) => loop.finish()));
    },
    async close() {
      await Promise.all(loops.map((loop) => loop.close()));
    },
  };
}

class MonitorLoop {
  readonly #plan: MonitorPlan;
  readonly #monitor: Monitor;
  readonly #report: (report: MonitorReport) => void;
  readonly #totals = new CounterTotals();
  #now: () => number = () => 0;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<unknown> | undefined;
  #lastReadAtMs = Number.NEGATIVE_INFINITY;
  #state: 'waiting' | 'running' | 'finished' | 'closed' = 'waiting';

  constructor({ plan, monitor }: Watched, report: (report: MonitorReport) => void) {
    this.#plan = plan;
    this.#monitor = monitor;
    this.#report = report;
  }

  async prime(): Promise<string | undefined> {
    const startedAtMs = monotonicMs();
    try {
      const { values } = await this.#read();
      this.#totals.gains(this.#plan.figures, values, (startedAtMs + monotonicMs()) / 2);
      return undefined;
    } catch (thrown) {
      return messageOf(thrown);
    }
  }

  start(now: () => number): void {
    this.#now = now;
    this.#state = 'running';
    void this.#look(0);
  }

  async finish(): Promise<void> {
    if (this.#state !== 'running') return;
    this.#state = 'finished';
    clearTimeout(this.#timer);
    await this.#reading;
    if (this.#now() - this.#lastReadAtMs >= this.#plan.intervalMs / 2) await this.#tell();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    await this.#monitor.close().catch(() => {});
    await this.#reading;
  }

  /** The reading due at `dueAtMs`, and then the next. */
  async #look(dueAtMs: number): Promise<void> {
    const tookMs = await this.#tell();
    if (this.#state !== 'running') return;
    const { intervalMs, share } = this.#plan;
    // A reading that took long is not made more often than its share of the time allows.
    const restMs = tookMs / share - tookMs;
    const earliestMs = Math.max(this.#now() + restMs, dueAtMs + intervalMs);
    const nextMs = Math.ceil((earliestMs - 1) / intervalMs) * intervalMs;
    const skipped = Math.round((nextMs - dueAtMs) / intervalMs) - 1;
    if (skipped > 0) {
      this.#report({ kind: 'skipped', monitor: this.#plan.name, atMs: this.#now(), count: skipped });
    }
    this.#timer = setTimeout(() => void this.#look(nextMs), Math.max(0, nextMs - this.#now()));
  }

  /** Reads and reports; resolves with the ms it took. */
  #tell(): Promise<number> {
    const told = this.#readAndReport();
    this.#reading = told;
    return told;
  }

  async #readAndReport(): Promise<number> {
    const { name: monitor } = this.#plan;
    const startedAtMs = monotonicMs();
    try {
      const { values, tables, events = [] } = await this.#read();
      const endedAtMs = monotonicMs();
      const readingMs = endedAtMs - startedAtMs;
      // A reading tells of some moment between question and answer.
      const atMs = Math.max(0, this.#now() - readingMs / 2);
      this.#lastReadAtMs = this.#now();
      const gains = this.#totals.gains(this.#plan.figures, values, endedAtMs - readingMs / 2);
      const sample = { monitor, atMs, values: gaugesOf(this.#plan.figures, values), gains };
      this.#report({ kind: 'sample', sample, readingMs, ...(tables !== undefined && { tables }) });
      for (const text of events) this.#report({ kind: 'event', monitor, atMs, text });
      return readingMs;
    } catch (thrown) {
      const readingMs = monotonicMs() - startedAtMs;
      if (this.#state === 'closed') return readingMs;
      const atMs = Math.max(0, this.#now());
      this.#report({ kind: 'failure', monitor, atMs, reason: messageOf(thrown), readingMs });
      // What a source that fails slowly costs is its own time, not ours: it is asked again at its interval.
      return 0;
    }
  }

  /** Rejects at the timeout, whether or not the monitor heeds the signal. */
  async #read(): Promise<Reading> {
    const { timeoutMs } = this.#plan;
    const aborter = new AbortController();
    const reading = this.#monitor.read(aborter.signal);
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        aborter.abort(new Error(`no answer within ${timeoutMs} ms`));
        timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), unheededMs);
      }, timeoutMs);
    });
    try {
      return await Promise.race([reading, tooLate]);
    } finally {
      clearTimeout(timer);
      reading.catch(() => {});
    }
  }
}

/** Running totals become gains. */
class CounterTotals {
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
    const gains: Record<string, { by: number; overMs: number }> = {};
    for (const [name, { type }] of Object.entries(figures)) {
      const total = values[name];
      if (type !== 'counter' || total === undefined || !Number.isFinite(total)) continue;
      const last = this.#last.get(name);
      this.#last.set(name, { total, atMs });
      if (last === undefined) continue;
      gains[name] = { by: total < last.total ? total : total - last.total, overMs: atMs - last.atMs };
    }
    return gains;
  }
}

function gaugesOf(figures: FigureDefinitions, values: Reading['values']): MonitorSample['values'] {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => figures[name]?.type === 'gauge' && Number.isFinite(value),
    ),
  );
}
