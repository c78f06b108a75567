// The feeders of a suite as one worker has them: hands rows to its users by the policy of each feeder, and keeps count. Made by
// run/worker-session.ts; virtual users ask it, and every window tells its counts.

import type { RowSource } from '../feeders/row-source.ts';
import { learnRow } from '../masking/learn-row.ts';
import { StoppedError } from '../model/errors.ts';
import type { FeederPlan, FeederUse, Row, RowRange } from '../model/feeder.ts';
import { nearestName } from '../text/nearest-name.ts';
import { RowStock } from './row-stock.ts';

/** What is kept of a virtual user for its rows: as long as it lives, whatever client it has. */
export interface RowHolder {
  random: () => number;
  /** By feeder; `null` before the first. */
  rowsOfUser: Map<string, Promise<Row>> | null;
  /** By feeder, how far it has come in its own course. */
  placesOfUser: Map<string, number> | null;
}

/** A user has asked for a row and none is left: the iteration cannot go on, and is not the target's failure. */
export class DataEndedError extends StoppedError {
  constructor(feeder: string) {
    super();
    this.name = 'DataEndedError';
    this.message = `data.${feeder}: no row is left`;
  }
}

export interface WorkerFeedersOptions {
  readonly plans: readonly FeederPlan[];
  readonly sources: ReadonlyMap<string, RowSource>;
  readonly ask: (feeder: string, count: number) => void;
  /** Run time now, ms. */
  readonly now: () => number;
}

class Feeder {
  readonly plan: FeederPlan;
  readonly source: RowSource;
  /** Of feeders whose rows all workers share. */
  readonly stock: RowStock | undefined;
  given = 0;
  wraps = 0;
  refused = 0;
  usersEnded = 0;
  endedAtMs: number | null = null;

  constructor(plan: FeederPlan, source: RowSource, ask: (count: number) => void) {
    this.plan = plan;
    this.source = source;
    const isShared = plan.policy === 'unique' || plan.policy === 'circular';
    this.stock = isShared ? new RowStock(ask) : undefined;
  }

  /** The number of the user's next row, from 0; `undefined` when none is left. */
  next(holder: RowHolder): number | undefined | Promise<number | undefined> {
    if (this.stock !== undefined) return this.stock.take();
    const { rows, policy, name } = { ...this.plan };
    if (policy === 'random') return Math.floor(holder.random() * rows!);
    holder.placesOfUser ??= new Map();
    const place = holder.placesOfUser.get(name) ?? 0;
    const isOver = rows !== null && place === rows;
    if (isOver && this.plan.atEnd !== 'wrap') return undefined;
    holder.placesOfUser.set(name, isOver ? 1 : place + 1);
    if (isOver) this.wraps++;
    return isOver ? 0 : place;
  }

  read(index: number): Row {
    const { rows, masked, policy } = this.plan;
    const row = this.source.read(policy === 'circular' && rows !== null ? index % rows : index);
    this.given++;
    if (masked.length > 0) learnRow(row, masked);
    return row;
  }
}

export class WorkerFeeders {
  readonly #feeders: ReadonlyMap<string, Feeder>;
  readonly #now: () => number;

  constructor({ plans, sources, ask, now }: WorkerFeedersOptions) {
    this.#now = now;
    this.#feeders = new Map(
      plans.map((plan) => [
        plan.name,
        new Feeder(plan, sources.get(plan.name)!, (count) => ask(plan.name, count)),
      ]),
    );
  }

  get isEmpty(): boolean {
    return this.#feeders.size === 0;
  }

  /** Before the first user comes. */
  fill(): void {
    for (const { stock } of this.#feeders.values()) stock?.fill();
  }

  planOf(name: string): FeederPlan {
    return this.#of(name).plan;
  }

  /** Another row for the user. Rejects with a `DataEndedError`, or a `DataFault`. */
  async take(name: string, holder: RowHolder): Promise<Row> {
    const feeder = this.#of(name);
    const next = feeder.next(holder);
    const index = typeof next === 'object' ? await next : next;
    if (index !== undefined) return feeder.read(index);
    feeder.refused++;
    feeder.endedAtMs ??= Math.max(0, this.#now());
    throw new DataEndedError(name);
  }

  /** A user ended because no row was left for it. */
  userEnded(name: string): void {
    this.#of(name).usersEnded++;
  }

  /** Every row of a feeder with an end, in order; for the suite's `setup` and `teardown`. */
  *rows(name: string): Generator<Row> {
    const { plan, source } = this.#of(name);
    if (source.rows === null) throw new TypeError(`data.${name} has no end: give it a "count"`);
    for (let index = 0; index < source.rows; index++) {
      const row = source.read(index);
      if (plan.masked.length > 0) learnRow(row, plan.masked);
      yield row;
    }
  }

  receive(name: string, ranges: readonly RowRange[], ended: boolean): void {
    this.#feeders.get(name)?.stock?.receive(ranges, ended);
  }

  giveBack(name: string): readonly RowRange[] {
    return this.#feeders.get(name)?.stock?.giveBack() ?? [];
  }

  /** Since the worker began. */
  uses(): FeederUse[] {
    return [...this.#feeders.values()].map(({ plan, given, wraps, refused, usersEnded, endedAtMs }) => ({
      name: plan.name,
      ...{ given, wraps, refused, usersEnded, endedAtMs },
    }));
  }

  close(): void {
    for (const { source } of this.#feeders.values()) source.close();
  }

  #of(name: string): Feeder {
    const feeder = this.#feeders.get(name);
    if (feeder !== undefined) return feeder;
    const names = [...this.#feeders.keys()];
    const nearest = nearestName(name, names);
    const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    const known = names.length === 0 ? 'the suite has no key "data"' : `there are ${names.join(', ')}`;
    throw new TypeError(`row("${name}"): the suite has no such data${meant} (${known})`);
  }
}
