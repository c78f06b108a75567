import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowLedger } from '../feeders/row-ledger.ts';
import type { RowRange } from '../model/feeder.ts';
import { createRandom } from '../stats/random.ts';
import { RowStock } from './row-stock.ts';

/** Workers with users that take rows one after the other, over channels that deliver late and in any order between workers. */
class Crew {
  readonly given: number[][];
  readonly refused: number[];
  /** At each refusal: rows that were neither given by then nor asked for. */
  readonly leftAtRefusals: number[] = [];
  #asked = 0;
  readonly #stocks: RowStock[];
  readonly #channels: (() => void)[][];
  readonly #ledger: RowLedger;

  readonly #rows: number;

  constructor(rows: number, workerCount: number) {
    this.#rows = rows;
    const workers = Array.from({ length: workerCount }, (_, i) => i);
    this.given = workers.map(() => []);
    this.refused = workers.map(() => 0);
    // To and from each worker, in order.
    this.#channels = Array.from({ length: 2 * workerCount }, () => []);
    this.#ledger = new RowLedger(rows, workerCount, {
      rows: (holder, ranges, ended) =>
        this.#channels[holder]!.push(() => this.#stocks[holder]!.receive(ranges, ended)),
      recall: (holder) =>
        this.#channels[holder]!.push(() => {
          const ranges: readonly RowRange[] = this.#stocks[holder]!.giveBack();
          this.#channels[workerCount + holder]!.push(() => this.#ledger.giveBack(holder, ranges));
        }),
    });
    this.#stocks = workers.map(
      (worker) =>
        new RowStock((count) =>
          this.#channels[workerCount + worker]!.push(() => this.#ledger.ask(worker, count)),
        ),
    );
  }

  take(worker: number): void {
    this.#asked++;
    const keep = (row: number | undefined): void => {
      if (row !== undefined) {
        this.given[worker]!.push(row);
        return;
      }
      this.leftAtRefusals.push(this.#rows - this.#asked);
      this.refused[worker]!++;
    };
    const row = this.#stocks[worker]!.take();
    if (typeof row === 'object') void row.then(keep);
    else keep(row);
  }

  /** Delivers the next message of one channel. False when it is empty. */
  async deliver(channel: number): Promise<boolean> {
    const message = this.#channels[channel % this.#channels.length]!.shift();
    message?.();
    await Promise.resolve();
    return message !== undefined;
  }

  async settle(): Promise<void> {
    for (let idle = 0; idle < this.#channels.length; ) {
      let delivered = false;
      for (let i = 0; i < this.#channels.length; i++) delivered = (await this.deliver(i)) || delivered;
      idle = delivered ? 0 : this.#channels.length;
    }
    await Promise.resolve();
  }

  lose(worker: number): void {
    this.#channels[worker] = [];
    this.#ledger.forget(worker);
  }
}

test('every unique row is given once, and nobody is refused before the last one is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 150 }),
      fc.integer(),
      fc.double({ min: 0.1, max: 0.9, noNaN: true }),
      async (workerCount, rows, seed, calm) => {
        const random = createRandom(seed, 'crew');
        const crew = new Crew(rows, workerCount);
        for (let asked = 0; asked < rows + 20; ) {
          if (random() < calm) {
            await crew.deliver(Math.floor(random() * 2 * workerCount));
            continue;
          }
          crew.take(Math.floor(random() * workerCount));
          asked++;
        }
        await crew.settle();
        const given = crew.given.flat().sort((a, b) => a - b);
        expect(given).toEqual(Array.from({ length: rows }, (_, row) => row));
        expect(crew.refused.reduce((sum, count) => sum + count, 0)).toBe(20);
        // Nobody who asks is refused while there are more rows than were asked for.
        expect(Math.max(...crew.leftAtRefusals)).toBeLessThan(0);
      },
    ),
    { numRuns: 400 },
  );
});

test('one worker that takes its rows slowly does not keep them from the others', async () => {
  const crew = new Crew(200, 2);
  crew.take(0);
  await crew.settle();
  for (let i = 0; i < 199; i++) {
    crew.take(1);
    await crew.settle();
  }
  expect(crew.given[1]).toHaveLength(199);
  expect(crew.refused).toEqual([0, 0]);
  crew.take(1);
  crew.take(0);
  await crew.settle();
  expect(crew.refused).toEqual([1, 1]);
});

test('rows of a lost worker are not given again, and nobody waits for it', async () => {
  const crew = new Crew(100, 2);
  crew.take(0);
  await crew.settle();
  const lost = crew.given[0]![0]!;
  crew.lose(0);
  for (let i = 0; i < 100; i++) {
    crew.take(1);
    await crew.settle();
  }
  expect(crew.given[1]).not.toContain(lost);
  expect(new Set(crew.given[1]).size).toBe(crew.given[1]!.length);
  expect(crew.refused[1]).toBe(100 - crew.given[1]!.length);
  expect(crew.given[1]!.length).toBeGreaterThan(80);
});

test('a later load of the same run goes on behind the rows that an earlier one has had', () => {
  const sent: (readonly RowRange[])[] = [];
  const ledger = new RowLedger(10, 1, { rows: (_holder, ranges) => sent.push(ranges), recall: () => {} }, 7);
  ledger.ask(0, 1);
  expect(sent).toEqual([[{ from: 7, to: 8 }]]);
  expect(ledger.next).toBe(8);
  const used = new RowLedger(10, 1, { rows: (_holder, ranges) => sent.push(ranges), recall: () => {} }, 12);
  used.ask(0, 1);
  expect(sent[1]).toEqual([]);
});

test('a circular feeder never ends: numbers go on', async () => {
  const crew = new Crew(Number.POSITIVE_INFINITY, 2);
  for (let i = 0; i < 3000; i++) crew.take(i % 2);
  await crew.settle();
  const given = crew.given.flat().sort((a, b) => a - b);
  expect(given).toHaveLength(3000);
  expect(new Set(given).size).toBe(3000);
});
