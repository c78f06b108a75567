// What knobs make a reference target do beside its work: CPU time on the event loop, and heap that is never given back.
// Called by targets.

import { monotonicMs } from '../time/clock.ts';

/** Takes so many ms of CPU time on the event loop, as a calculation does; longer where the machine is busy. */
export function burnCpu(ms: number): void {
  const before = process.cpuUsage();
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  let value = 0.5;
  while (usedMs() < ms) {
    for (let i = 0; i < 10_000; i++) value = Math.sqrt(value + 1);
  }
  if (value < 0) throw new Error('unreachable');
}

interface Kept {
  readonly at: number;
  readonly words: readonly string[];
}

const entryBytes = 1000;

/** A list to which each request adds and from which nobody takes: entries of about 1 KB of small objects. */
export function createLeak(kilobytes: number): () => void {
  const kept: Kept[] = [];
  return () => {
    for (let i = 0; i < kilobytes; i++) {
      const words = Array.from({ length: entryBytes / 40 }, (_, k) => `request ${kept.length} word ${k}`);
      kept.push({ at: monotonicMs(), words });
    }
  };
}
