// The coordinator's desk for test data: shares the rows of feeders out among the workers, and sums up what they did with
// them. Kept by engine.ts.

import { type RowDelivery, RowLedger } from '../feeders/row-ledger.ts';
import type { FeederPlan, FeederRecord, FeederUse } from '../model/feeder.ts';
import type { EngineOptions } from './engine-contract.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Worker } from './worker-book.ts';

type AboutRows = Extract<FromWorker, { readonly kind: 'ask-rows' | 'return-rows' | 'data-ended' }>;

type DeskOptions = Pick<EngineOptions, 'plan' | 'rowsTaken' | 'onData' | 'onDataFailed'>;

export class RowDesk {
  /** By feeder; those whose rows are shared. */
  readonly #ledgers = new Map<string, RowLedger>();
  readonly #options: DeskOptions;
  /** Every process of the run, also those that are gone. */
  readonly #workers: readonly Worker[];
  /** Every process that has asked or told; their places here are their numbers. */
  readonly #holders: Worker[] = [];
  /** By process, what it told last. */
  readonly #uses = new Map<Worker, readonly FeederUse[]>();
  /** Scenarios that end since their data have ended. */
  readonly #endedScenarios = new Set<string>();

  constructor(options: DeskOptions, workers: readonly Worker[]) {
    this.#options = options;
    this.#workers = workers;
    for (const { name, policy, rows } of this.#plans) {
      if (policy !== 'unique' && policy !== 'circular') continue;
      const end = policy === 'circular' || rows === null ? Number.POSITIVE_INFINITY : rows;
      const delivery: RowDelivery = {
        rows: (holder, ranges, ended) => this.#send(holder, { kind: 'rows', feeder: name, ranges, ended }),
        recall: (holder) => this.#send(holder, { kind: 'recall-rows', feeder: name }),
      };
      const first = policy === 'unique' ? (options.rowsTaken?.get(name) ?? 0) : 0;
      const ledger = new RowLedger(end, options.plan.workers, delivery, first);
      this.#ledgers.set(name, ledger);
    }
  }

  get #plans(): readonly FeederPlan[] {
    return this.#options.plan.data ?? [];
  }

  #send(holder: number, message: ToWorker): void {
    this.#holders[holder]!.process.send(message);
  }

  #numberOf(worker: Worker): number {
    const known = this.#holders.indexOf(worker);
    return known === -1 ? this.#holders.push(worker) - 1 : known;
  }

  receive(worker: Worker, message: AboutRows): void {
    const ledger = this.#ledgers.get(message.feeder);
    switch (message.kind) {
      case 'ask-rows':
        ledger?.ask(this.#numberOf(worker), message.count);
        break;
      case 'return-rows':
        ledger?.giveBack(this.#numberOf(worker), message.ranges);
        break;
      case 'data-ended':
        this.#dataEnded(message.feeder, message.scenario);
        break;
    }
    // At once: what is given stays given, however the load ends.
    if (ledger !== undefined) this.#options.rowsTaken?.set(message.feeder, ledger.next);
  }

  /** Ends the scenario in every worker, or leaves it to the run to end. */
  #dataEnded(feeder: string, scenario: string): void {
    if (this.#plans.find(({ name }) => name === feeder)?.atEnd === 'fail') {
      this.#options.onDataFailed(feeder);
      return;
    }
    if (this.#endedScenarios.has(scenario)) return;
    this.#endedScenarios.add(scenario);
    for (const { process, state } of this.#workers) {
      if (state === 'running') process.send({ kind: 'end-scenario', scenario });
    }
  }

  /** A process that starts to drive load is told what has ended by then. */
  welcome({ process }: Worker): void {
    for (const scenario of this.#endedScenarios) process.send({ kind: 'end-scenario', scenario });
  }

  /** A process that is gone gives nothing back. */
  forget(worker: Worker): void {
    const number = this.#numberOf(worker);
    for (const ledger of this.#ledgers.values()) ledger.forget(number);
  }

  note(worker: Worker, uses: readonly FeederUse[]): void {
    if (uses.length === 0) return;
    this.#uses.set(worker, uses);
    this.#options.onData(this.records());
  }

  /** Over all processes so far. */
  records(): FeederRecord[] {
    return this.#plans.map((plan) => this.#recordOf(plan));
  }

  #recordOf({ name, rows, policy }: FeederPlan): FeederRecord {
    const uses = [...this.#uses.values()].flatMap((all) => all.filter((one) => one.name === name));
    const sum = (of: (use: FeederUse) => number): number => uses.reduce((total, use) => total + of(use), 0);
    const given = sum((use) => use.given);
    const ends = uses.flatMap(({ endedAtMs }) => (endedAtMs === null ? [] : [endedAtMs]));
    return {
      ...{ name, rows, given },
      wraps:
        policy === 'circular' && rows !== null
          ? Math.floor(Math.max(0, given - 1) / rows)
          : sum((use) => use.wraps),
      refused: sum((use) => use.refused),
      usersEnded: sum((use) => use.usersEnded),
      endedAtMs: ends.length === 0 ? null : Math.min(...ends),
      lost: policy === 'unique' ? this.#lostRows(name) : 0,
    };
  }

  /** Those that a process had when it was lost, less those it had told of. */
  #lostRows(feeder: string): number {
    return this.#holders.reduce((total, worker, number) => {
      if (worker.state !== 'gone' || worker.saidBye) return total;
      const told = this.#uses.get(worker)?.find(({ name }) => name === feeder)?.given ?? 0;
      return total + Math.max(0, this.#ledgers.get(feeder)!.heldBy(number) - told);
    }, 0);
  }
}
