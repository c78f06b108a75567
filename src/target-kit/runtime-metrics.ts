// What the process of a target tells about itself: CPU, memory, the event loop's delay, collections of garbage. Called by
// the metrics of targets.

import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { cancelTimer, startRepeating } from '../time/timer.ts';
import { createDurations, header, single } from './durations.ts';

const lagResolutionMs = 10;
const lagWindowMs = 5000;
// The last of them stands for the longest delay.
const lagQuantiles = [0.5, 0.9, 0.99, 1];

/** V8's numbers of the kinds of collections; the names are those that Prometheus clients of Node use. */
const collectionKinds: Readonly<Record<number, string>> = {
  1: 'minor',
  4: 'major',
  8: 'incremental',
  16: 'weakcb',
};
const collectionLimitsSec = [0.001, 0.01, 0.1, 1, 2, 5];

export interface RuntimeMetrics {
  render(): string[];
  close(): void;
}

export function createRuntimeMetrics(): RuntimeMetrics {
  const lag = createLagWindows();
  const collections = createDurations(
    'nodejs_gc_duration_seconds',
    'Collections of garbage, by kind.',
    'kind',
    collectionLimitsSec,
  );
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as unknown as { readonly detail: { readonly kind: number } };
      collections.record(collectionKinds[detail.kind] ?? 'other', entry.duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    render: () => [...renderProcess(lag.worstSec()), ...collections.render()],
    close() {
      lag.close();
      observer.disconnect();
    },
  };
}

function renderProcess(lagSec: readonly number[]): string[] {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  return [
    ...single('process_cpu_seconds_total', 'counter', 'CPU time used.', (user + system) / 1e6),
    ...single('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory.rss),
    ...single('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', memory.heapUsed),
    ...single('process_uptime_seconds', 'gauge', 'Time since the process started.', process.uptime()),
    ...header(
      'nodejs_eventloop_lag_seconds',
      'gauge',
      'Event-loop delay, the worse of the last two 5 s windows.',
    ),
    ...lagQuantiles.map((q, index) => `nodejs_eventloop_lag_seconds{quantile="${q}"} ${lagSec[index]}`),
  ];
}

/** Windows of a fixed length rather than "since the last reading": several readers must all see the same. */
function createLagWindows() {
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
  lag.enable();
  const read = () => lagQuantiles.map((q) => toLagSec(q === 1 ? lag.max : lag.percentile(q * 100)));
  let previous = lagQuantiles.map(() => 0);
  const timer = startRepeating(() => {
    previous = read();
    lag.reset();
  }, lagWindowMs);
  timer.unref();
  return {
    /** One entry per `lagQuantiles`. */
    worstSec: () => read().map((seconds, index) => Math.max(seconds, previous[index]!)),
    close() {
      cancelTimer(timer);
      lag.disable();
    },
  };
}

/** Each sample holds the timer's own interval beside the delay; without samples there are NaN and 0. */
function toLagSec(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - lagResolutionMs / 1000) || 0;
}
