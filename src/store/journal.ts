// The journal of a run, written while it goes on, so that its record can be rebuilt when the coordinator is
// killed. run/session.ts opens it, run/observe.ts and the session fill it, read-journal.ts reads it.

import { type FileHandle, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ErrorGroup } from '../model/error-group.ts';
import { messageOf } from '../model/errors.ts';
import type { FaultReport } from '../model/fault.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { Refusal } from '../model/guard.ts';
import type { MetricWindow, SeriesDefinition } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan, SearchTrial } from '../model/plan.ts';
import type { WorkerGap } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { identify } from '../system/end-process.ts';
import { monotonicMs, wallClock } from '../time/clock.ts';
import { encodeEntry, type JournalEntry, journalVersion, type RunEntry } from './journal-entries.ts';

export const journalFileName = 'run.journal';

export interface Journal {
  /** A step of a capacity search begins. */
  step(load: number, plan: Plan): void;
  /** How that step ended. */
  trial(trial: SearchTrial): void;
  /** The search is over; `endedBy` is what ended it without a result. */
  searched(endedBy: string | undefined): void;
  /** Run time 0 is now. */
  started(): void;
  window(window: MetricWindow, errors: readonly ErrorGroup[]): void;
  monitor(report: MonitorReport): void;
  fault(report: FaultReport): void;
  gaps(gaps: readonly WorkerGap[]): void;
  data(feeders: readonly FeederRecord[]): void;
  finding(finding: Finding): void;
  /** The guard ends the run. */
  refused(refusal: Refusal): void;
  stopping(by: StoppedBy): void;
  ended(result: Pick<Extract<JournalEntry, { kind: 'ended' }>, 'durationMs' | 'workers' | 'gaps'>): void;
  /** The record is written, or there is nothing to tell: the file goes. */
  remove(): Promise<void>;
  /**
   * Writes what is left, and says how much of the run the file holds, since without a record it is all there is.
   * After `remove` it does nothing.
   */
  close(): Promise<{ readonly recoverable?: 'whole' | 'part' }>;
  /** Windows that are in the file or on their way there. */
  readonly windowCount: number;
}

type StoppedBy = Extract<JournalEntry, { kind: 'stopping' }>['by'];

interface JournalOptions {
  /** Told once when the journal cannot be written. */
  readonly warn: (message: string) => void;
  /** Entries that wait for the disk take at most this much memory. */
  readonly maxQueuedBytes?: number;
}

const defaultMaxQueuedBytes = 16 * 1024 * 1024;
/** What was written survives the end of the process at once, and the end of power after this time. */
const syncEveryMs = 5000;
/** After a failed write the next one waits this long. */
const retryAfterMs = 1000;

/**
 * Opens the journal in a run's folder. Nothing in it ever throws or blocks: entries are queued and written in order
 * by one write at a time. What the disk refuses is tried again; windows that do not fit into the queue meanwhile are
 * left out, and their number is written.
 */
export async function createJournal(
  runDir: string,
  run: Pick<RunEntry, 'id' | 'startedAt' | 'environment' | 'plan' | 'search' | 'yardstick'>,
  options: JournalOptions,
): Promise<Journal> {
  const path = join(runDir, journalFileName);
  const writer = new JournalWriter(path, options);
  await writer.open();
  writer.add({
    kind: 'run',
    version: journalVersion,
    ...run,
    writer: { host: hostname(), ...identify(process.pid) },
  });
  return writer;
}

/** Removes the journal of a run whose record is written. */
export async function removeJournal(runDir: string): Promise<void> {
  await rm(join(runDir, journalFileName), { force: true }).catch(() => {});
}

class JournalWriter implements Journal {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  readonly #maxQueuedBytes: number;
  #file: FileHandle | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #sequence = 0;
  #skippedCount = 0;
  /** Definitions of windows that were left out, by worker: later windows need them. */
  readonly #owedDefinitions = new Map<number, SeriesDefinition[]>();
  #writing: Promise<void> | undefined;
  #closed = false;
  /** Windows were left out. */
  #incomplete = false;
  #warned = false;
  #retryAtMs = 0;
  #syncedAtMs = monotonicMs();
  windowCount = 0;

  constructor(path: string, { warn, maxQueuedBytes = defaultMaxQueuedBytes }: JournalOptions) {
    this.#path = path;
    this.#warn = warn;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  async open(): Promise<void> {
    try {
      this.#file = await open(this.#path, 'a');
    } catch (thrown) {
      this.#closed = true;
      this.#tellTrouble(thrown);
    }
  }

  step(load: number, plan: Plan): void {
    // Its workers number their series anew.
    this.#owedDefinitions.clear();
    this.add({ kind: 'step', load, plan });
  }

  trial(trial: SearchTrial): void {
    this.add({ kind: 'trial', trial });
  }

  searched(endedBy: string | undefined): void {
    this.add({ kind: 'searched', ...(endedBy !== undefined && { endedBy }) });
  }

  started(): void {
    this.add({ kind: 'started', at: wallClock().toISOString() });
  }

  window(window: MetricWindow, errors: readonly ErrorGroup[]): void {
    if (this.#closed) return;
    const { worker } = window;
    const owed = this.#owedDefinitions.get(worker) ?? [];
    if (this.#queuedBytes >= this.#maxQueuedBytes) {
      this.#owedDefinitions.set(worker, [...owed, ...window.definitions]);
      this.#skippedCount++;
      this.#incomplete = true;
      this.#pump();
      return;
    }
    if (this.#skippedCount > 0) {
      this.add({ kind: 'skipped', windowCount: this.#skippedCount });
      this.#skippedCount = 0;
    }
    this.#owedDefinitions.delete(worker);
    this.windowCount++;
    const whole = owed.length === 0 ? window : { ...window, definitions: [...owed, ...window.definitions] };
    this.add({ kind: 'window', window: whole, errors });
  }

  /** What finds no room is a gap in the recovered record. */
  monitor(report: MonitorReport): void {
    if (this.#queuedBytes < this.#maxQueuedBytes) this.add({ kind: 'monitor', report });
    else this.#incomplete = true;
  }

  fault(report: FaultReport): void {
    this.add({ kind: 'fault', report });
  }

  gaps(gaps: readonly WorkerGap[]): void {
    this.add({ kind: 'gaps', gaps });
  }

  data(feeders: readonly FeederRecord[]): void {
    this.add({ kind: 'data', feeders });
  }

  finding(finding: Finding): void {
    this.add({ kind: 'finding', finding });
  }

  refused(refusal: Refusal): void {
    this.add({ kind: 'refused', refusal });
  }

  stopping(by: StoppedBy): void {
    this.add({ kind: 'stopping', by });
  }

  ended(result: Pick<Extract<JournalEntry, { kind: 'ended' }>, 'durationMs' | 'workers' | 'gaps'>): void {
    if (this.#skippedCount > 0) this.add({ kind: 'skipped', windowCount: this.#skippedCount });
    this.#skippedCount = 0;
    this.add({ kind: 'ended', at: wallClock().toISOString(), ...result });
  }

  add(entry: JournalEntry): void {
    if (this.#closed) return;
    const line = Buffer.from(encodeEntry(this.#sequence++, entry));
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#pump();
  }

  async remove(): Promise<void> {
    this.#queue = [];
    await this.#closeFile();
    this.windowCount = 0;
    await rm(this.#path, { force: true }).catch(() => {});
  }

  async close(): Promise<{ readonly recoverable?: 'whole' | 'part' }> {
    await this.#writing;
    this.#retryAtMs = 0;
    this.#pump();
    await this.#closeFile();
    if (this.windowCount === 0) return {};
    return { recoverable: this.#queue.length === 0 && !this.#incomplete ? 'whole' : 'part' };
  }

  async #closeFile(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#file?.close().catch(() => {});
    this.#file = undefined;
  }

  #pump(): void {
    if (this.#file === undefined || this.#writing !== undefined || monotonicMs() < this.#retryAtMs) return;
    this.#writing = this.#writeQueued()
      .catch((thrown: unknown) => {
        this.#retryAtMs = monotonicMs() + retryAfterMs;
        this.#tellTrouble(thrown);
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** A short write is taken up where it ended, now or by a later call, so that no entry is torn by a full disk. */
  async #writeQueued(): Promise<void> {
    const file = this.#file;
    while (file !== undefined && this.#queue.length > 0) {
      const bytes = Buffer.concat(this.#queue);
      this.#queue = [bytes];
      const { bytesWritten } = await file.write(bytes);
      // Entries may have been added meanwhile; `remove` may have emptied the queue.
      if (this.#queue[0] !== bytes) return;
      if (bytesWritten === bytes.length) this.#queue.shift();
      else this.#queue[0] = bytes.subarray(bytesWritten);
      this.#queuedBytes -= bytesWritten;
      if (monotonicMs() - this.#syncedAtMs >= syncEveryMs) {
        await file.datasync();
        this.#syncedAtMs = monotonicMs();
      }
    }
  }

  #tellTrouble(thrown: unknown): void {
    if (this.#warned) return;
    this.#warned = true;
    this.#warn(
      `cannot write ${this.#path}: ${messageOf(thrown)}; the load continues, but if this process is killed, everything measured from now on is lost`,
    );
  }
}
