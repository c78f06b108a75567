// What every kind of monitor must do, whatever it watches. Each monitor's test file runs it with a real source.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { FigureDefinitions, MonitorTable, Reading } from '../model/monitor.ts';
import { monotonicMs } from '../time/clock.ts';
import type { Monitor } from './monitor.ts';

/** A monitor under test and the power over its source. The source is up before each test begins. */
export interface MonitorCase {
  /** A new monitor of the source. The cases close it. */
  create(): Monitor | Promise<Monitor>;
  /** All that the monitor may report. */
  readonly figures: FigureDefinitions;
  /** Figures that the second reading and each later one always holds on this machine. */
  readonly always: readonly string[];
  /** Takes the source away, and resolves when it is gone. Absent where that cannot be, as with this machine. */
  stop?(): Promise<void>;
  /** Brings the source back in the same place, also when it is still there. Goes with `stop`. */
  start?(): Promise<void>;
  /**
   * Lets the source accept and never answer, so that a reading waits for 200 ms at the least. Resolves with what lets
   * it answer again.
   */
  hang?(): Promise<() => Promise<void> | void>;
  /** Gives the source something to count, between two readings. */
  work?(): Promise<void>;
  /** What no message, event or table may hold: passwords, tokens. */
  readonly secrets?: readonly string[];
  /** Whether a reading fails while the source is gone; true when absent. A probe of health reads "down" instead. */
  readonly failsWhenGone?: boolean;
}

/** A case that does not apply to a source, as one that cannot be stopped, is none of its tests. */
function testWhere(applies: boolean): (name: string, run: () => Promise<void>) => void {
  return applies ? test : () => {};
}

/** Time that a source may take to come back to a monitor. Long, since machines are shared. */
const backWithinMs = 20_000;

export function describeMonitor(name: string, given: MonitorCase): void {
  const { figures, always, stop, start, hang, work, secrets = [], failsWhenGone = true } = given;
  const open: Monitor[] = [];
  const create = async (): Promise<Monitor> => {
    const monitor = await given.create();
    open.push(monitor);
    return monitor;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((monitor) => monitor.close()));
    await start?.();
  });

  describe(`${name}, as every monitor`, () => {
    test('readings hold declared figures, finite numbers and bounded tables, and those that are always there', async () => {
      const monitor = await create();
      for (let i = 0; i < 3; i++) {
        const reading = await read(monitor);
        expectWellFormed(reading, figures, secrets);
        if (i > 0) expect(Object.keys(reading.values)).toEqual(expect.arrayContaining([...always]));
        await work?.();
        await sleep(60);
      }
    });

    test('counters never fall while the source lives', async () => {
      const monitor = await create();
      const before = new Map<string, number>();
      for (let i = 0; i < 6; i++) {
        const { values } = await read(monitor);
        for (const [figure, value] of Object.entries(values)) {
          if (figures[figure]?.type !== 'counter') continue;
          expect(value, figure).toBeGreaterThanOrEqual(before.get(figure) ?? 0);
          before.set(figure, value);
        }
        await work?.();
        await sleep(20);
      }
    });

    testWhere(stop !== undefined)(
      'a source that goes away is told in one sentence, and read again when it is back',
      async () => {
        const monitor = await create();
        await read(monitor);
        await stop?.();
        for (let i = 0; i < 2; i++) await expectGone(monitor);
        await start?.();
        expectWellFormed(await readOnceBack(monitor), figures, secrets);
        // Shares are told of some time, not of the moment that has passed since.
        await sleep(60);
        expect(Object.keys((await read(monitor)).values)).toEqual(expect.arrayContaining([...always]));
      },
    );

    testWhere(stop !== undefined)('a source that is not there at first is read once it is', async () => {
      await stop?.();
      const monitor = await create();
      await expectGone(monitor);
      await start?.();
      expectWellFormed(await readOnceBack(monitor), figures, secrets);
    });

    test('a reading that is given up beforehand rejects, and the next one works', async () => {
      const monitor = await create();
      const failure = await failureOf(monitor.read(AbortSignal.abort()));
      expect(failure).toBeInstanceOf(Error);
      expectWellFormed(await read(monitor), figures, secrets);
    });

    test('a reading that is given up meanwhile ends soon, and the next one works', async () => {
      const monitor = await create();
      await read(monitor);
      const giveUp = new AbortController();
      const reading = monitor.read(giveUp.signal);
      giveUp.abort();
      // One that was complete by then may be told.
      const outcome = await within500Ms(reading);
      if (!(outcome instanceof Error)) expectWellFormed(outcome, figures, secrets);
      expectWellFormed(await read(monitor), figures, secrets);
    });

    testWhere(hang !== undefined)(
      'a reading that waits rejects within 500 ms of being given up, and the next one works',
      async () => {
        const monitor = await create();
        await read(monitor);
        const goOn = await hang!();
        try {
          const giveUp = new AbortController();
          const reading = monitor.read(giveUp.signal);
          reading.catch(() => {});
          await sleep(50);
          giveUp.abort();
          expect(await within500Ms(reading)).toBeInstanceOf(Error);
        } finally {
          await goOn();
        }
        expectWellFormed(await readOnceBack(monitor), figures, secrets);
      },
    );

    test('closing during a reading ends it', async () => {
      const monitor = await create();
      await read(monitor);
      const goOn = await hang?.();
      try {
        const reading = monitor.read(new AbortController().signal);
        reading.catch(() => {});
        if (goOn !== undefined) await sleep(50);
        await Promise.all([within500Ms(monitor.close()), within500Ms(reading)]);
        // Without a wait it may have been complete by then.
        if (goOn !== undefined) await expect(reading).rejects.toBeInstanceOf(Error);
      } finally {
        await goOn?.();
      }
    });

    test('closing lets go of everything that keeps a process alive, before a reading and after', async () => {
      const before = heldOpen();
      const unread = await create();
      await unread.close();
      const monitor = await create();
      await read(monitor);
      await read(monitor);
      await monitor.close();
      await monitor.close();
      // What the source holds of a connection goes a little later.
      for (let i = 0; i < 100 && surplus(heldOpen(), before).length > 0; i++) {
        await sleep(20, undefined, { ref: false });
      }
      expect(surplus(heldOpen(), before)).toEqual([]);
    });
  });

  async function expectGone(monitor: Monitor): Promise<void> {
    if (failsWhenGone) expectSentence(await failureOf(read(monitor)), secrets);
    else expectWellFormed(await read(monitor), figures, secrets);
  }
}

/** One look, with more time than any source of a test needs. */
export function read(monitor: Monitor): Promise<Reading> {
  return monitor.read(AbortSignal.timeout(10_000));
}

/** What a promise rejects with; fails when it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${JSON.stringify(value)}, although it should have failed`);
    },
    (error: unknown) => error,
  );
}

/** The first reading that succeeds. */
export async function readOnceBack(monitor: Monitor): Promise<Reading> {
  const giveUpAtMs = monotonicMs() + backWithinMs;
  for (;;) {
    try {
      return await read(monitor);
    } catch (error) {
      if (monotonicMs() > giveUpAtMs) throw error;
      await sleep(50);
    }
  }
}

/** A failure that can be shown to people: one line, no stack, no secrets. */
function expectSentence(failure: unknown, secrets: readonly string[] = []): void {
  expect(failure).toBeInstanceOf(Error);
  expectText((failure as Error).message, secrets);
}

function expectWellFormed(
  { values, tables = [], events = [] }: Reading,
  figures: FigureDefinitions,
  secrets: readonly string[] = [],
): void {
  for (const [figure, value] of Object.entries(values)) {
    expect(Object.keys(figures)).toContain(figure);
    expect(Number.isFinite(value), `${figure} is ${value}`).toBe(true);
    const { type, unit } = figures[figure]!;
    if (type === 'counter' || unit === 'bytes') expect(value, figure).toBeGreaterThanOrEqual(0);
  }
  for (const event of events) expectText(event, secrets);
  for (const table of tables) expectTable(table);
  for (const secret of secrets) expect(JSON.stringify(tables)).not.toContain(secret);
  expect(new Set(tables.map((table) => table.name)).size).toBe(tables.length);
}

function expectTable({ name, title, columns, rows }: MonitorTable): void {
  expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
  expect(title).not.toBe('');
  expect(rows.length).toBeLessThanOrEqual(20);
  for (const row of rows) {
    expect(row).toHaveLength(columns.length);
    for (const [index, cell] of row.entries()) {
      if (columns[index]!.unit === 'text') expect(typeof cell).toBe('string');
      else if (cell !== null) expect(Number.isFinite(cell)).toBe(true);
    }
  }
}

function expectText(text: string, secrets: readonly string[]): void {
  expect(text.trim()).not.toBe('');
  expect(text).not.toMatch(/[\r\n]|\bat .+:\d+:\d+/);
  expect(text.length).toBeLessThan(400);
  for (const secret of secrets) expect(text).not.toContain(secret);
}

/**
 * What a promise comes to, an error as a value; fails when that takes longer. Counted in turns of 50 ms, so that a
 * machine that stands still for a second uses up one of them.
 */
async function within500Ms<T>(promise: Promise<T>): Promise<T | Error> {
  let settled: { readonly value: T | Error } | undefined;
  promise.then(
    (value) => {
      settled = { value };
    },
    (error: unknown) => {
      settled = { value: error instanceof Error ? error : new Error(String(error)) };
    },
  );
  for (let turn = 0; turn < 10 && settled === undefined; turn++) await sleep(50);
  if (settled === undefined) throw new Error('still waiting after 500 ms');
  return settled.value;
}

/** Kinds of what keeps this process alive, one entry each: sockets, servers, timers, files. */
function heldOpen(): string[] {
  // Requests of the file system come and go with the test runner's own work.
  return process.getActiveResourcesInfo().filter((kind) => !kind.startsWith('FSReq'));
}

/** What `now` has more often than `before`. */
function surplus(now: readonly string[], before: readonly string[]): string[] {
  const known = [...before];
  return now.filter((kind) => {
    const index = known.indexOf(kind);
    if (index >= 0) known.splice(index, 1);
    return index < 0;
  });
}
