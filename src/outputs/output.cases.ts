// What every output must do, whatever its receiver does. Each output's test runs these cases with a receiver of its own.

import { afterEach, describe, expect, test } from 'vitest';
import type { OutputDefinition } from '../model/output.ts';
import { createLoad, run, type Sums, TestWorker, transition } from './load.cases.ts';
import { createOutputs, type OutputHub } from './outputs.ts';
import { type CaseReceiver, freePort } from './receivers.cases.ts';

interface CaseOptions {
  readonly start: () => Promise<CaseReceiver>;
  /** A definition whose receiver is not there; absent where nothing can be missing. */
  readonly dead?: (port: number) => OutputDefinition;
  /** Sends things again after a failure. */
  readonly retries?: boolean;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Generous: the machine may be busy. A receiver that hung would hold a waiting call for seconds. */
const atOnceMs = 250;

export function outputCases(name: string, { start, dead, retries = false }: CaseOptions): void {
  describe(`${name}, as every output,`, () => {
    const open: { close(): Promise<unknown> }[] = [];
    afterEach(async () => {
      for (const one of open.splice(0)) await one.close();
    });
    async function begin(): Promise<{ receiver: CaseReceiver; hub: OutputHub }> {
      const receiver = await start();
      open.push(receiver);
      return { receiver, hub: await createOutputs([receiver.definition], run) };
    }

    test('delivers exactly what was handed in, over several intervals', async () => {
      const { receiver, hub } = await begin();
      const load = createLoad();
      for (let k = 0; k < 4; k++) {
        load.feed(hub);
        await pause(60);
      }
      hub.alert(transition);
      await receiver.beforeClose?.();
      const [tally] = await hub.close(5000);
      expectSums(await receiver.sums(), load.sums());
      expect(tally).toMatchObject({ kind: receiver.definition.kind, failures: 0, lost: 0 });
      expect(tally!.sent).toBe(load.points + 1);
      expect(tally).not.toHaveProperty('lastError');
    });

    test('counts as lost what cannot be read, and goes on', async () => {
      const { receiver, hub } = await begin();
      const load = createLoad();
      load.feed(hub);
      const worker = new TestWorker(9);
      hub.window(
        worker.window(0, [
          { metric: 'broken', delta: { type: 'trend', histogram: Uint8Array.of(9, 9) } },
          { metric: 'late', delta: { type: 'counter', count: 1 } },
        ]),
      );
      const undefinedSeries = worker.window(1, [{ metric: 'late', delta: { type: 'counter', count: 1 } }]);
      hub.window({ ...undefinedSeries, worker: 10 });
      load.feed(hub);
      await receiver.beforeClose?.();
      const [tally] = await hub.close(5000);
      expect(tally).toMatchObject({ sent: load.points + 1, lost: 2 });
      expectSums(await receiver.sums(), load.sums());
    });

    test('closes at once when nothing was handed in', async () => {
      const { hub } = await begin();
      const before = performance.now();
      const [tally] = await hub.close(5000);
      expect(performance.now() - before).toBeLessThan(2000);
      expect(tally).toMatchObject({ sent: 0, lost: 0 });
    });

    if (dead !== undefined) {
      test('gives up a receiver that is not there, and says why', async () => {
        const hub = await createOutputs([dead(await freePort())], run);
        const load = createLoad();
        for (let k = 0; k < 3; k++) expect(load.feed(hub).tookMs).toBeLessThan(atOnceMs);
        await pause(300);
        const before = performance.now();
        const [tally] = await hub.close(3000);
        expect(performance.now() - before).toBeLessThan(2500);
        expect(tally).toMatchObject({ sent: 0, lost: load.points });
        expect(tally!.failures).toBeGreaterThan(0);
        expect(tally!.lastError).toMatch(/\w/);
      });
    }
    if (retries) describeFaults(begin);
  });
}

function describeFaults(begin: () => Promise<{ receiver: CaseReceiver; hub: OutputHub }>): void {
  test('delivers everything to a receiver that is slow', async () => {
    const { receiver, hub } = await begin();
    receiver.behave!('slow');
    const load = createLoad();
    for (let k = 0; k < 6; k++) {
      expect(load.feed(hub).tookMs).toBeLessThan(atOnceMs);
      await pause(60);
    }
    const [tally] = await hub.close(10_000);
    expect(tally).toMatchObject({ sent: load.points, lost: 0, failures: 0 });
    expectSums(await receiver.sums(), load.sums());
  });

  test('delivers everything once a receiver that failed has recovered', async () => {
    const { receiver, hub } = await begin();
    receiver.behave!('fail');
    const load = createLoad();
    for (let k = 0; k < 3; k++) {
      load.feed(hub);
      await pause(150);
    }
    receiver.behave!('ok');
    load.feed(hub);
    const [tally] = await hub.close(10_000);
    expect(tally).toMatchObject({ sent: load.points, lost: 0 });
    expect(tally!.failures).toBeGreaterThan(0);
    expect(tally!.lastError).toMatch(/500|closed|reset/i);
    expectSums(await receiver.sums(), load.sums());
  });

  test('is not held up by a receiver that hangs, and closes within its grace', async () => {
    const { receiver, hub } = await begin();
    receiver.behave!('hang');
    const load = createLoad();
    for (let k = 0; k < 5; k++) {
      expect(load.feed(hub).tookMs).toBeLessThan(atOnceMs);
      await pause(60);
    }
    const before = performance.now();
    const [tally] = await hub.close(400);
    expect(performance.now() - before).toBeLessThan(1500);
    expect(tally).toMatchObject({ sent: 0, lost: load.points });
    expect(tally!.lastError).toContain('no answer');
  });
}

function expectSums(got: Sums, wanted: Sums): void {
  const { durationSumMs, ...exact } = wanted;
  expect(got).toMatchObject(exact);
  // Adding doubles in another order rounds otherwise.
  expect(got.durationSumMs).toBeCloseTo(durationSumMs, 4);
}
