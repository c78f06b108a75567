// Whatever users do, and whenever a scenario is stopped: what was due was started or dropped, what was started came to
// its end or was cut off, and there are never more users than there may be.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationOf, plannedIterations } from '../executors/of-plan.ts';
import type { TaskContext } from '../model/context.ts';
import type { ScenarioDefinition, UserDefinition } from '../model/suite.ts';
import { arrivalTimes } from '../plan/schedule.ts';
import { createRandom } from '../stats/random.ts';
import { monotonicMs } from '../time/clock.ts';
import { inVirtualTime } from '../time/virtual-time.cases.ts';
import { type Ended, runScenario, type Stop } from './scenario.cases.ts';

const pause = (ms: number) => (context: TaskContext) => context.sleep(ms);
const hang = pause(3_600_000);
/** One error for all failures: to write out a stack takes longer than the iteration that failed. */
const noAccount = new Error('no account');
const fail = async (): Promise<never> => {
  throw noAccount;
};
const block = (): void => {
  const untilMs = monotonicMs() + 4;
  while (monotonicMs() < untilMs);
};

const user = (
  run: (context: TaskContext) => unknown,
  more: Partial<UserDefinition> = {},
): UserDefinition => ({
  tasks: { go: { run: async (context) => void (await run(context)) } },
  ...more,
});

/** 40 arrivals in 200 ms. */
const arrivals = (more: object = {}): ScenarioDefinition =>
  ({
    executor: 'constant-arrival-rate',
    rate: 200,
    duration: '200ms',
    preAllocatedVUs: 10,
    gracefulStop: '50ms',
    ...more,
  }) as ScenarioDefinition;

describe.each([1, 2, 3])('with %d workers, arrivals', (workers) => {
  test('promised to users that are still in onStart at the cut are dropped', async () => {
    const ended = await runScenario({ slow: user(pause(1), { onStart: hang }) }, arrivals(), { workers });
    expect(ended).toMatchObject({ started: 0, completed: 0, dropped: 40, vusAtEnd: 0 });
  });

  test('promised to users whose onStart ends in time are started', async () => {
    const users = { slow: user(pause(1), { onStart: pause(220) }) };
    const ended = await runScenario(users, arrivals({ gracefulStop: '2s' }), { workers });
    expect(ended.started).toBe(10);
    expect(ended).toMatchObject({ completed: 10, dropped: 30, vusAtEnd: 0 });
  });

  test('of users whose onStart fails are started', async () => {
    const ended = await runScenario({ failing: user(pause(1), { onStart: fail }) }, arrivals(), { workers });
    expect(ended).toMatchObject({ started: 40 - ended.dropped, completed: ended.started });
    expect(ended.started).toBeGreaterThan(5);
  });

  test('that take the place of users of another class wait for their farewell, so that there are never too many', async () => {
    const users = {
      one: user(pause(2), { weight: 1, onStop: pause(15) }),
      two: user(pause(2), { weight: 1, onStop: pause(15) }),
    };
    const load = arrivals({ preAllocatedVUs: 3, maxVUs: 3, gracefulStop: '2s' });
    const ended = await runScenario(users, load, { workers });
    expect(ended.vuPeak).toBeLessThanOrEqual(3);
    expect(ended.mostAtOnce).toBeLessThanOrEqual(3);
    expect(ended.started + ended.dropped).toBe(40);
    expect(ended.completed).toBe(ended.started);
    expect(ended.started).toBeGreaterThan(0);
  });

  test('that wait for a farewell without an end are dropped', async () => {
    const users = { one: user(pause(1), { onStop: hang }), two: user(pause(1), { onStop: hang }) };
    const load = arrivals({ preAllocatedVUs: 3, maxVUs: 3 });
    const ended = await runScenario(users, load, { workers });
    expect(ended.started + ended.dropped).toBe(40);
    expect(ended.vuPeak).toBeLessThanOrEqual(3);
    expect(ended.vusAtEnd).toBe(0);
  });

  test('go to workers that have users', async () => {
    const load = arrivals({ rate: 25, duration: '400ms', preAllocatedVUs: 1, maxVUs: 1 });
    const ended = await runScenario({ quick: user(() => {}) }, load, { workers });
    expect(ended.started + ended.dropped).toBe(10);
    // A single user may still be busy when the next one comes, but not for half of them.
    expect(ended.started).toBeGreaterThan(5);
  });

  test('that are due when the event loop is held up are dropped when the run is stopped', async () => {
    const load = arrivals({ duration: '10s', gracefulStop: '1s', maxVUs: 100 });
    const holding = user(async ({ iteration }) => {
      if (iteration === 10) for (const untilMs = monotonicMs() + 100; monotonicMs() < untilMs; );
    });
    const ended = await runScenario({ holding }, load, { workers, stops: [{ atMs: 80, mode: 'drain' }] });
    expectArrivals(ended, 1);
  });
});

/** Arrivals that were due by the stop, or all. */
function expectArrivals({ scenario, started, dropped, stoppedAt }: Ended, seed: number): void {
  const executor = scenario.executor as Parameters<typeof arrivalTimes>[0];
  const times = [...arrivalTimes(executor, 0, 1, createRandom(seed, scenario.name, 'arrivals'))];
  // A stop before the start has come before all of them.
  const dueBy = (atMs: number): number => times.filter((one) => one.atMs <= atMs).length;
  const [least, most] = stoppedAt[0] ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  expect(started + dropped).toBeGreaterThanOrEqual(dueBy(least));
  expect(started + dropped).toBeLessThanOrEqual(dueBy(most));
}

describe('iterations of a fixed number', () => {
  test.each([
    ['per-vu-iterations', { vus: 4, iterations: 30 }, 120],
    ['shared-iterations', { vus: 4, iterations: 120 }, 120],
  ])(
    '%s that the end kept from starting are dropped, also when it is interrupted after its end',
    async (executor, counts, due) => {
      const load = { executor, ...counts, maxDuration: '100ms', gracefulStop: '10s' } as ScenarioDefinition;
      for (const workers of [1, 2]) {
        const users = { slow: user(pause(200)) };
        const cut: Stop[] = [{ atMs: 150, mode: 'cut' }];
        const interrupted = await runScenario(users, load, { workers, stops: cut });
        expect(interrupted).toMatchObject({ started: 4, completed: 0, dropped: due - 4 });
        const drained = await runScenario(users, load, {
          workers,
          stops: [{ atMs: 150, mode: 'drain', graceMs: 5000 }],
        });
        expect(drained).toMatchObject({ started: 4, completed: 4, dropped: due - 4 });
      }
    },
  );
});

test('externally controlled users that take long are cut off when the run is interrupted after its end', async () => {
  const load = {
    executor: 'externally-controlled',
    vus: 2,
    maxVUs: 2,
    duration: '100ms',
    gracefulStop: '1h',
  } as ScenarioDefinition;
  const stops: Stop[] = [{ atMs: 150, mode: 'drain', graceMs: 50 }];
  const ended = await runScenario({ stuck: user(hang) }, load, { stops });
  expect(ended).toMatchObject({ started: 2, completed: 0, vusAtEnd: 0 });
  expect(ended.elapsedMs).toBeLessThan(5000);
});

describe('any scenario', () => {
  const anyHook = fc.constantFrom(undefined, pause(0), pause(5), pause(120), hang, fail, block);
  const anyTask = fc.constantFrom(pause(0), pause(3), pause(30), pause(150), hang, fail, block);
  const anyUser = fc.record({
    onStart: anyHook,
    onStop: anyHook,
    run: anyTask,
    weight: fc.constantFrom(1, 1, 5, 97),
    thinkTime: fc.constantFrom(0, 0, 7, 60),
  });
  const anyVus = fc.integer({ min: 1, max: 7 });
  const grace = fc.constantFrom('0s', '20ms', '250ms');
  const timeout = fc.constantFrom(undefined, undefined, '60ms');
  const anyLoad = fc.oneof(
    fc.record({
      executor: fc.constant('constant-arrival-rate'),
      rate: fc.constantFrom(9, 40, 300),
      timeUnit: fc.constantFrom('1s', '700ms'),
      duration: fc.constantFrom('120ms', '205ms'),
      arrivals: fc.constantFrom('even', 'poisson'),
      preAllocatedVUs: anyVus,
      maxVUs: fc.integer({ min: 7, max: 12 }),
      gracefulStop: grace,
      iterationTimeout: timeout,
    }),
    fc.record({
      executor: fc.constant('ramping-arrival-rate'),
      stages: fc.constantFrom(
        [{ duration: '150ms', target: 200 }],
        [
          { duration: '60ms', target: 90 },
          { duration: '0s', target: 7 },
          { duration: '143ms', target: 201 },
        ],
      ),
      preAllocatedVUs: anyVus,
      maxVUs: fc.integer({ min: 7, max: 12 }),
      gracefulStop: grace,
      iterationTimeout: timeout,
    }),
    fc.record({
      executor: fc.constantFrom('per-vu-iterations', 'shared-iterations'),
      vus: anyVus,
      iterations: fc.integer({ min: 7, max: 30 }),
      rampUp: fc.constantFrom('0s', '60ms', '120ms'),
      maxDuration: fc.constantFrom('120ms', '205ms'),
      gracefulStop: grace,
      iterationTimeout: timeout,
    }),
    fc.record({
      executor: fc.constant('constant-vus'),
      vus: anyVus,
      duration: fc.constantFrom('120ms', '205ms'),
      gracefulStop: grace,
      iterationTimeout: timeout,
    }),
  );
  const anyStop = fc.oneof(
    { weight: 2, arbitrary: fc.constant<Stop[]>([]) },
    fc
      .record({
        atMs: fc.constantFrom(-5, 0, 1, 50, 119, 121, 180),
        graceMs: fc.constantFrom(0, 30, 200),
        mode: fc.constantFrom('drain' as const, 'cut' as const),
        again: fc.constantFrom(0, 20),
      })
      .map(({ again, ...one }): Stop[] =>
        again === 0 ? [one] : [one, { atMs: one.atMs + again, mode: 'cut' }],
      ),
  );
  const anyCase = fc.record({
    users: fc.array(anyUser, { minLength: 1, maxLength: 3 }),
    load: anyLoad,
    stops: anyStop,
    workers: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(1000),
  });
  type Case = typeof anyCase extends fc.Arbitrary<infer Value> ? Value : never;

  async function check({ users, load, stops, workers, seed }: Case): Promise<void> {
    const definitions = Object.fromEntries(
      users.map(({ run, onStart, onStop, weight, thinkTime }, i) => [
        `user-${i}`,
        user(run, {
          weight,
          thinkTime,
          ...(onStart !== undefined && {
            onStart: async (context: TaskContext) => void (await onStart(context)),
          }),
          ...(onStop !== undefined && {
            onStop: async (context: TaskContext) => void (await onStop(context)),
          }),
        }),
      ]),
    );
    const definition = JSON.parse(JSON.stringify(load)) as ScenarioDefinition;
    const ended = await runScenario(definitions, definition, { workers, stops, seed });
    const { scenario, started, finished, completed, dropped } = ended;
    const { executor } = scenario;
    expect(ended.vusAtEnd).toBe(0);
    expect(completed + ended.cutOff).toBe(started);
    // Those that were given up for taking too long count as completed, and their code was stopped. One whose code
    // ends in the very turn of the cut is cut off.
    if (scenario.iterationTimeoutMs === 0) expect(completed).toBeLessThanOrEqual(finished);
    const most = 'maxVUs' in executor ? executor.maxVUs : 'vus' in executor ? executor.vus : 0;
    expect(ended.vuPeak).toBeLessThanOrEqual(most);
    if ('preAllocatedVUs' in executor) {
      expectArrivals(ended, seed);
    } else if (executor.kind !== 'constant-vus') {
      const due = plannedIterations(executor)!;
      const wasInTime = ended.stoppedAt[0] === undefined || ended.stoppedAt[0][0] > durationOf(executor) + 5;
      if (wasInTime) expect(started + dropped).toBe(due);
      else expect(started + dropped).toBeLessThanOrEqual(due);
    }
  }
  test('loses nothing, whatever its users do and whenever it is stopped', async () => {
    for (const cases of fc.sample(fc.array(anyCase, { minLength: 25, maxLength: 25 }), 8)) {
      const ends = await inVirtualTime(() => Promise.allSettled(cases.map(check)));
      ends.forEach((end, i) => {
        if (end.status === 'fulfilled') return;
        const text = JSON.stringify(cases[i], (_key, value: unknown) =>
          typeof value === 'function' ? String(value) : value,
        );
        throw new Error(`${(end.reason as Error).message}\nin ${text}`, { cause: end.reason });
      });
    }
  }, 60_000);
});
