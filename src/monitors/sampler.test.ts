import { afterEach, describe, expect, test } from 'vitest';
import type { MonitorReport, Reading } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { inVirtualTime } from '../time/virtual-time.cases.ts';
import { createSampler, type Sampler } from './sampler.ts';

type Read = (signal: AbortSignal, call: number) => Promise<Reading>;
type SampleReport = Extract<MonitorReport, { kind: 'sample' }>;

const open: Sampler[] = [];
async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((sampler) => sampler.close()));
}
afterEach(closeAll);

/** A test whose waits pass at once. Its samplers end within it, since their timers are virtual as well. */
function testVirtually(name: string, body: () => Promise<void>): void {
  test(name, () => inVirtualTime(() => body().finally(closeAll)));
}

function planOf(changes: Partial<MonitorPlan>): MonitorPlan {
  return {
    name: 'db',
    title: 'database',
    intervalMs: 50,
    timeoutMs: 1000,
    share: 1,
    figures: {
      level: { type: 'gauge', unit: 'count', title: 'level' },
      done: { type: 'counter', unit: 'count', title: 'done' },
    },
    source: { kind: 'host' },
    ...changes,
  };
}

/** A sampler of one monitor whose source is the given function, and what it reports. */
function watch(read: Read, changes: Partial<MonitorPlan> = {}, close: () => Promise<void> = async () => {}) {
  const reports: MonitorReport[] = [];
  const state = { calls: 0, atOnce: 0, mostAtOnce: 0, closed: 0 };
  const monitor = {
    async read(signal: AbortSignal): Promise<Reading> {
      state.atOnce++;
      state.mostAtOnce = Math.max(state.mostAtOnce, state.atOnce);
      try {
        return await read(signal, state.calls++);
      } finally {
        state.atOnce--;
      }
    },
    close() {
      state.closed++;
      return close();
    },
  };
  const sampler = createSampler([{ plan: planOf(changes), monitor }], (report) => reports.push(report));
  open.push(sampler);
  return { sampler, reports, state, samples: () => reports.filter(isSample) };
}

function isSample(report: MonitorReport): report is SampleReport {
  return report.kind === 'sample';
}

function clock(): () => number {
  const startedAtMs = monotonicMs();
  return () => monotonicMs() - startedAtMs;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await delay(10);
  expect(condition()).toBe(true);
}

/** Never answers, and heeds the signal. */
const hanging: Read = (signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
  });
/** Never answers, whatever it is told. */
const deaf: Read = () => new Promise(() => {});

describe('createSampler', () => {
  testVirtually('reads at its interval on the clock of the run, without drifting', async () => {
    const { sampler, samples } = watch(async () => ({ values: { level: 1 } }));
    sampler.start(clock());
    await until(() => samples().length >= 8);
    // However late each one was, it stands close to a multiple of the interval: lateness does not add up.
    const lateMs = samples()
      .map(({ sample }) => (sample.atMs + 2) % 50)
      .sort((a, b) => a - b);
    expect(lateMs[4]).toBeLessThan(25);
    const times = samples().map(({ sample }) => sample.atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  testVirtually('what a source did before the run is no gain of the run', async () => {
    let done = 0;
    const { sampler, reports, samples } = watch(async () => ({ values: { level: done, done } }));
    done = 100;
    expect(await sampler.prime()).toEqual([]);
    expect(reports).toEqual([]);
    done = 5000;
    sampler.start(clock());
    await until(() => samples().length >= 1);
    expect(samples()[0]!.sample).toMatchObject({ values: { level: 5000 }, gains: {} });
    done = 5003;
    await until(() => samples().some(({ sample }) => (sample.gains.done?.by ?? 0) > 0));
    expect(samples().reduce((sum, { sample }) => sum + (sample.gains.done?.by ?? 0), 0)).toBe(3);
  });

  testVirtually(
    'a source that cannot be read is told of at once, and makes failures until it can',
    async () => {
      const { sampler, reports, samples } = watch(async (_signal, call) => {
        if (call < 3) throw new Error('connection refused');
        return { values: { level: 1 } };
      });
      expect(await sampler.prime()).toEqual([{ monitor: 'db', reason: 'connection refused' }]);
      sampler.start(clock());
      await until(() => samples().length >= 1);
      const failures = reports.filter((report) => report.kind === 'failure');
      expect(failures).toHaveLength(2);
      expect(failures[0]).toMatchObject({ monitor: 'db', reason: 'connection refused' });
      expect(reports.some(({ kind }) => kind === 'skipped')).toBe(false);
    },
  );

  testVirtually('a monitor that throws instead of rejecting is one that failed', async () => {
    const reports: MonitorReport[] = [];
    const monitor = {
      read(): Promise<Reading> {
        throw new Error('no such file');
      },
      close(): Promise<void> {
        throw new Error('no such file');
      },
    };
    const sampler = createSampler([{ plan: planOf({}), monitor }], (report) => reports.push(report));
    expect(await sampler.prime()).toEqual([{ monitor: 'db', reason: 'no such file' }]);
    sampler.start(clock());
    await until(() => reports.length >= 2);
    await sampler.close();
    expect(reports[0]).toMatchObject({ kind: 'failure', reason: 'no such file' });
  });

  testVirtually('a reading that takes too long is given up, with a reason, and tried again', async () => {
    const { sampler, reports, state } = watch(hanging, { timeoutMs: 30 });
    sampler.start(clock());
    await until(() => reports.length >= 2);
    expect(reports[0]).toMatchObject({ kind: 'failure', reason: 'given up' });
    expect(state.mostAtOnce).toBe(1);
  });

  testVirtually('a monitor that heeds no signal is never asked twice at once', async () => {
    const { sampler, reports, state } = watch(deaf, { timeoutMs: 20 });
    sampler.start(clock());
    await until(() => reports.length >= 3);
    expect(state).toMatchObject({ calls: 1, mostAtOnce: 1 });
    expect(reports.map((report) => (report.kind === 'failure' ? report.reason : report.kind))).toEqual(
      expect.arrayContaining([
        'no answer within 20 ms',
        'an earlier reading timed out and has not ended yet',
      ]),
    );
  });

  testVirtually(
    'readings take no more than their share of the time, and those left out are counted',
    async () => {
      const { sampler, reports, samples } = watch(
        async () => {
          await delay(40);
          return { values: { level: 1 } };
        },
        { share: 0.1 },
      );
      sampler.start(clock());
      await until(() => samples().length >= 3);
      const [first, second, third] = samples();
      for (const [one, next] of [
        [first!, second!],
        [second!, third!],
      ] as const) {
        expect(next.sample.atMs - one.sample.atMs).toBeGreaterThan((one.readingMs / 0.1) * 0.9);
      }
      const skipped = reports.filter((report) => report.kind === 'skipped');
      expect(skipped.length).toBeGreaterThanOrEqual(2);
      for (const { count } of skipped) expect(count).toBeGreaterThanOrEqual(6);
    },
  );

  testVirtually(
    'finishing takes a last reading where the latest is old, and none where it is fresh',
    async () => {
      const old = watch(async () => ({ values: { level: 1 } }), { intervalMs: 400 });
      const fresh = watch(async () => ({ values: { level: 1 } }), { intervalMs: 60_000 });
      const now = clock();
      old.sampler.start(now);
      fresh.sampler.start(now);
      await delay(250);
      const finishingAtMs = now();
      await Promise.all([old.sampler.finish(), fresh.sampler.finish()]);
      expect(finishingAtMs - old.samples().at(-1)!.sample.atMs).toBeLessThan(200);
      expect(fresh.samples()).toHaveLength(1);
      const { length } = old.samples();
      await delay(500);
      expect(old.samples()).toHaveLength(length);
    },
  );

  for (const [what, read] of [
    ['hangs', hanging],
    ['heeds nothing', deaf],
  ] as const) {
    testVirtually(
      `a monitor that ${what} holds up the end of a run by no more than one timeout`,
      async () => {
        const { sampler, reports } = watch(read, { timeoutMs: 300, intervalMs: 100 });
        sampler.start(clock());
        await delay(20);
        const startedAtMs = monotonicMs();
        await sampler.finish();
        // Its timeout, and what it has to heed the signal; a second try would take as long again.
        expect(monotonicMs() - startedAtMs).toBeLessThan(300 + 500 + 250);
        expect(reports).toHaveLength(1);
      },
    );
  }

  test('closing gives up what is under way, reports nothing more and leaves no timer behind', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const { sampler, reports } = watch(deaf, { timeoutMs: 60_000 }, () => new Promise(() => {}));
    sampler.start(clock());
    await delay(20);
    const startedAtMs = monotonicMs();
    await sampler.close();
    expect(monotonicMs() - startedAtMs).toBeLessThan(5000);
    expect(reports).toEqual([]);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('what a monitor is asked at the end is reported once, or why there is no answer', async () => {
    const table = { name: 'limits', title: 'Limits', columns: [], rows: [] };
    for (const [diagnose, told] of [
      [async () => [table], { tables: [table] }],
      [() => Promise.reject(new Error('gone')), { tables: [], failure: 'gone' }],
      [() => new Promise<never>(() => {}), { tables: [], failure: 'no answer within 30 ms' }],
    ] as const) {
      const reports: MonitorReport[] = [];
      const monitor = { read: async () => ({ values: { level: 1 } }), diagnose, close: async () => {} };
      const one = { plan: planOf({ timeoutMs: 30 }), monitor };
      const sampler = createSampler([one], (report) => reports.push(report));
      open.push(sampler);
      await sampler.diagnose();
      expect(reports, 'before the end').toEqual([]);
      sampler.start(clock());
      await sampler.finish();
      await sampler.diagnose();
      const [found, ...more] = reports.filter(({ kind }) => kind === 'diagnosis');
      expect(found).toEqual({
        kind: 'diagnosis',
        monitor: 'db',
        atMs: expect.any(Number) as number,
        ...told,
      });
      expect(more).toEqual([]);
    }
  });

  testVirtually('a reading that comes in after closing is not reported', async () => {
    let answer: (reading: Reading) => void = () => {};
    const { sampler, reports } = watch(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      {},
      async () => answer({ values: { level: 1 } }),
    );
    sampler.start(clock());
    await delay(20);
    await sampler.close();
    await delay(20);
    expect(reports).toEqual([]);
  });
});
