// Shares of time are told of enough time to mean something, and leave none of it out.

import { availableParallelism } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';
import { createHostMonitor } from './host.ts';
import { leastSpanMs, leastSpanOf } from './least-span.ts';
import { read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { createProcessMonitor } from './process.ts';

const onLinux = process.platform === 'linux';
const monitors: Record<string, () => Monitor> = {
  process: () => createProcessMonitor({ kind: 'process', pid: process.pid, children: true }),
  host: () => createHostMonitor({ kind: 'host' }),
};

function burn(ms: number): void {
  const untilMs = monotonicMs() + ms;
  while (monotonicMs() < untilMs);
}

test.runIf(onLinux).each(Object.keys(monitors))(
  '%s: readings milliseconds apart tell no share of CPU',
  async (kind) => {
    const monitor = monitors[kind]!();
    onTestFinished(() => monitor.close());
    const startMs = monotonicMs();
    await read(monitor);
    for (let i = 0; i < 10; i++) {
      burn(3);
      const { values } = await read(monitor);
      const sinceMs = monotonicMs() - startMs;
      if (sinceMs < leastSpanMs) expect(values).not.toHaveProperty('cpu_ratio');
      else if (values.cpu_ratio !== undefined)
        expect(values.cpu_ratio).toBeLessThan(availableParallelism() + 0.5);
    }
  },
);

test.runIf(onLinux)('what was used between them is in the next share', async () => {
  const monitor = createProcessMonitor(
    { kind: 'process', pid: process.pid, children: false },
    { leastSpanMs: 400 },
  );
  onTestFinished(() => monitor.close());
  await read(monitor);
  const before = process.cpuUsage();
  const startMs = monotonicMs();
  for (let i = 0; i < 5; i++) {
    burn(40);
    expect((await read(monitor)).values).not.toHaveProperty('cpu_ratio');
    if (monotonicMs() - startMs > 300) break;
  }
  await delay(450);
  const { cpu_ratio: ratio } = (await read(monitor)).values;
  const spanMs = monotonicMs() - startMs;
  const { user, system } = process.cpuUsage(before);
  expect(Math.abs(ratio! - (user + system) / 1000 / spanMs)).toBeLessThan(0.12);
});

test('an interval asks for half of itself, within bounds', () => {
  expect([10, 100, 200, 1000, 60_000].map(leastSpanOf)).toEqual([50, 50, 100, 500, 500]);
});
