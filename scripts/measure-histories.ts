// Measures how often `plimsoll history` is wrong: simulated histories of 16 runs without a change, and with one after the
// tenth. Called by measure-regression.ts.

import { historyOf } from '../src/regression/history.ts';
import { keepRun } from '../src/regression/kept-run.ts';
import { simulateRun } from '../src/regression/runs.cases.ts';

const runCount = 16;
const changedAt = 10;
const limits = { minimumChange: 0.1, minimumShare: 0.005, allowed: [] };

/** Prints a row for each size of the change: histories with any finding, degraded ones, and those with the right run. */
export function measureHistories(count: number, seed: number): void {
  process.stdout.write(
    `\n${count} histories of ${runCount} runs per row, 5 % between runs\n\n` +
      '| slower by, from the eleventh run on | any finding | degraded | since the right run, or one beside it |\n| --: | --: | --: | --: |\n',
  );
  for (const factor of [1, 1.1, 1.2, 1.4]) {
    const seen = { any: 0, degraded: 0, right: 0 };
    for (let i = 0; i < count; i++) {
      const noise = { seed: seed + i, seconds: 10, perSec: 40, runNoise: 0.05 };
      const runs = Array.from({ length: runCount }, (_, run) =>
        keepRun(simulateRun({ ...noise, run, slower: run < changedAt ? 1 : factor })),
      );
      const { status, series } = historyOf(runs, limits);
      const changes = series.flatMap((one) => one.changes);
      if (changes.length > 0) seen.any++;
      if (status === 'worse') seen.degraded++;
      if (changes.some(({ kind, run }) => kind === 'shift' && Math.abs(run - changedAt) <= 1)) seen.right++;
    }
    const cells = [seen.any, seen.degraded, seen.right].map((one) => `${((100 * one) / count).toFixed(1)} %`);
    process.stdout.write(`| ${((factor - 1) * 100).toFixed(0)} % | ${cells.join(' | ')} |\n`);
  }
}
