// A worker watches itself: how late its event loop runs, how busy its core is, how long collections pause it.

import { PerformanceObserver } from 'node:perf_hooks';
import type { Meter } from '../model/metric.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startRepeating } from '../time/timer.ts';

const sampleIntervalMs = 20;
/** A stall is expanded into the samples it swallowed, up to this many. */
const maxBackfillCount = 5000;
/** A CPU share over less than this says more about the moment than about the window. */
const minCpuSpanMs = 500;

export interface WorkerHealthMonitor {
  /** Records the window's CPU share and memory; called once per window. */
  sample(): void;
  readonly cpuMs: number;
  readonly peakMemoryBytes: number;
  stop(): void;
}

export function startWorkerHealth(meter: Meter): WorkerHealthMonitor {
  const loopDelay = meter.trend('generator_event_loop_delay', {});
  const gcPause = meter.trend('generator_gc_pause', {});
  const cpu = meter.trend('generator_cpu', {});
  const memory = meter.trend('generator_memory', {});

  let dueAtMs = monotonicMs() + sampleIntervalMs;
  const timer = startRepeating(() => {
    const nowMs = monotonicMs();
    let lateMs = Math.max(0, nowMs - dueAtMs);
    loopDelay.add(lateMs);
    // Samples that should have been taken during a stall would each have seen the rest of it: without them
    // a stall of two seconds would count as one sample among fifty a second.
    for (let i = 0; i < maxBackfillCount && lateMs > 2 * sampleIntervalMs; i++) {
      lateMs -= sampleIntervalMs;
      loopDelay.add(lateMs);
    }
    dueAtMs = nowMs + sampleIntervalMs;
  }, sampleIntervalMs);
  timer.unref();

  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) gcPause.add(entry.duration);
  });
  observer.observe({ entryTypes: ['gc'] });

  let lastCpu = process.cpuUsage();
  let lastAtMs = monotonicMs();
  const firstCpu = lastCpu;
  let peakMemoryBytes = 0;
  return {
    sample() {
      const nowMs = monotonicMs();
      const used = process.cpuUsage(lastCpu);
      if (nowMs - lastAtMs >= minCpuSpanMs) cpu.add((used.user + used.system) / 1000 / (nowMs - lastAtMs));
      lastCpu = process.cpuUsage();
      lastAtMs = nowMs;
      const bytes = residentBytes();
      if (bytes === undefined) return;
      memory.add(bytes);
      peakMemoryBytes = Math.max(peakMemoryBytes, bytes);
    },
    get cpuMs() {
      const used = process.cpuUsage(firstCpu);
      return (used.user + used.system) / 1000;
    },
    get peakMemoryBytes() {
      return Math.max(peakMemoryBytes, residentBytes() ?? 0);
    },
    stop() {
      cancelTimer(timer);
      observer.disconnect();
    },
  };
}

/** Reading it opens a file, which fails when connections have taken every descriptor. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}
