// What a suite does once per run, in one worker: its setup before the load, its teardown after it. Made by engine.ts.

import { messageOf, TargetError } from '../model/errors.ts';
import type { Gate } from './gate.ts';
import type { FromWorker } from './messages.ts';
import type { Worker } from './worker-book.ts';

/** How long loading the suite, its setup and its teardown may each take. */
export const stageLimitMs = 60_000;
/** Teardown that ends the process it runs in is not tried in more processes than this. */
const maxTeardowns = 2;

/** The workers that the stages may run in. */
export interface StageCrew {
  readonly workers: readonly Worker[];
  /** Starts a process in the place of `last`, and has it load the suite. */
  replace(last: Worker): Worker;
  onLog(level: 'error', message: string): void;
}

export class SuiteStages {
  /** Whether `setup` has begun; from then on a lost worker may be what it lost. */
  settingUp = false;
  readonly #gate: Gate;
  readonly #crew: StageCrew;
  readonly #replies = new Map<FromWorker['kind'], unknown>();
  #interrupt: (() => void) | undefined;

  constructor(gate: Gate, crew: StageCrew) {
    this.#gate = gate;
    this.#crew = crew;
  }

  /** Resolves with what `setup` returned. Throws a `TargetError` when no worker is left, and what the gate throws. */
  async setUp(): Promise<unknown> {
    const worker = this.#crew.workers.find(({ state }) => state !== 'gone');
    if (worker === undefined) throw new TargetError('no worker is left to run setup');
    this.settingUp = true;
    return await this.#ask(worker, 'setup');
  }

  /** Never throws: what was measured is there, and the log says what failed. */
  async tearDown(): Promise<void> {
    const interrupted = new Promise<never>((_resolve, reject) => {
      this.#interrupt = () => reject(new Error('interrupted'));
    });
    await Promise.race([this.#askForTeardown(), interrupted]).catch((error: unknown) => {
      this.#gate.failure = undefined;
      const message = messageOf(error);
      // What a worker tells says so already.
      this.#crew.onLog('error', message.startsWith('teardown') ? message : `teardown failed: ${message}`);
    });
  }

  /** Ends the wait for a teardown that runs; without one it does nothing. */
  interrupt(): void {
    this.#interrupt?.();
  }

  /** Takes in a worker's answer. */
  done(message: Extract<FromWorker, { readonly kind: 'setup-done' | 'teardown-done' }>): void {
    this.#replies.set(message.kind, message.kind === 'setup-done' ? message.data : true);
  }

  /** Asks the first worker alive, and another when that one is lost meanwhile. */
  async #askForTeardown(): Promise<void> {
    const { workers } = this.#crew;
    for (let tries = 0; tries < maxTeardowns; tries++) {
      const worker = workers.find(({ state }) => state !== 'gone') ?? (await this.#bootForTeardown());
      await this.#ask(worker, 'teardown');
      if (this.#replies.has('teardown-done')) return;
    }
    throw new TargetError('the workers that ran it were lost');
  }

  /** All workers were lost: what the suite has made in the target is still to be cleaned up. */
  async #bootForTeardown(): Promise<Worker> {
    const worker = this.#crew.replace(this.#crew.workers.at(-1)!);
    await this.#gate.until(() => !worker.comesLate, stageLimitMs, 'loading the suite');
    if (worker.state === 'gone') throw new TargetError('no worker is left to run it');
    return worker;
  }

  async #ask(worker: Worker, kind: 'setup' | 'teardown'): Promise<unknown> {
    const reply = `${kind}-done` as const;
    worker.process.send({ kind });
    await this.#gate.until(() => this.#replies.has(reply) || worker.state === 'gone', stageLimitMs, kind);
    return this.#replies.get(reply);
  }
}
