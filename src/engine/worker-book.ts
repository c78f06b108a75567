// What the coordinator keeps book of for each worker process: how far it has come, and what is left of it when
// it is lost. Kept by engine.ts.

import type { MetricWindow, SeriesDelta } from '../model/metric.ts';
import type { WorkerHealth } from '../model/run-record.ts';
import { ClockOffset } from './clock-offset.ts';
import type { FromWorker } from './messages.ts';
import type { ScenarioProgress } from './resume.ts';
import type { WorkerProcess } from './worker-process.ts';

export type WorkerState = 'booting' | 'prepared' | 'running' | 'finished' | 'gone';

const windowMs = 1000;
/** Gauges that are summed over the processes: one that is gone must not keep its share. */
const sharedGauges: ReadonlySet<string> = new Set(['vus', 'vus_max']);

/** One process. Several of them, one after another, may be the same worker of the plan. */
export class Worker {
  /** Which part of the plan it has. */
  readonly index: number;
  /** 0 for the process of the start, then 1, 2, 3 for those that replace it. */
  readonly generation: number;
  readonly process: WorkerProcess;
  state: WorkerState = 'booting';
  cpuMs = 0;
  peakMemoryBytes = 0;
  saidBye = false;
  /** As of its last window. A replacement begins with those of its predecessor. */
  progress: readonly (ScenarioProgress | null)[] = [];
  users = 0;
  measuredUntilMs = 0;
  #sender: number | undefined;
  readonly clock = new ClockOffset();
  readonly #gaugeIds = new Set<number>();

  constructor(index: number, generation: number, process: WorkerProcess, predecessor?: Worker) {
    this.index = index;
    this.generation = generation;
    this.process = process;
    if (predecessor === undefined) return;
    this.progress = predecessor.progress;
    this.users = predecessor.users;
    this.measuredUntilMs = predecessor.measuredUntilMs;
  }

  /** It boots in the place of one that was lost. */
  get comesLate(): boolean {
    return this.generation > 0 && (this.state === 'booting' || this.state === 'prepared');
  }

  note({ window, progress, users }: Extract<FromWorker, { kind: 'window' }>): void {
    this.progress = progress;
    this.users = users;
    this.measuredUntilMs = window.endAtMs;
    this.#sender = window.worker;
    for (const { id, metric } of window.definitions) {
      if (sharedGauges.has(metric)) this.#gaugeIds.add(id);
    }
  }

  /** In place of a last window that it could not send: from the second of `atMs` on nobody works in it. */
  farewell(atMs: number): MetricWindow | undefined {
    if (this.#sender === undefined) return undefined;
    const startAtMs = Math.floor(atMs / windowMs) * windowMs;
    const deltas = Array.from(
      this.#gaugeIds,
      (id): SeriesDelta => ({ id, type: 'gauge', value: 0, min: 0, max: 0 }),
    );
    return { worker: this.#sender, startAtMs, endAtMs: atMs, definitions: [], deltas };
  }

  health(): WorkerHealth {
    const { index, cpuMs, peakMemoryBytes, saidBye, process } = this;
    return { index, pid: process.pid, cpuMs, peakMemoryBytes, completed: saidBye };
  }
}
