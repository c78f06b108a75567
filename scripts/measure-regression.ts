// Measures how often `plimsoll compare` is wrong: pairs of sides with a known change are simulated and compared. Run by
// `npm run regression`; takes about half a minute of CPU time for each row of 1,000 pairs. With `-- --real` real runs against
// the Jorge target are compared instead: 20 pairs of each kind take about an hour.

import { parseArgs } from 'node:util';
import type { RegressionStatus } from '../src/model/regression.ts';
import { compareRuns, usualComparison } from '../src/regression/compare-runs.ts';
import { type SimulatedRuns, simulateRuns } from '../src/regression/runs.cases.ts';
import { measureHistories } from './measure-histories.ts';
import { measureReal } from './measure-regression-real.ts';

const { values } = parseArgs({
  options: {
    real: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '12' },
    slower: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '1' },
  },
});
const pairs = Number(values.pairs ?? (values.real ? '20' : '1000'));
if (values.real) {
  const [runs, seconds, share] = [values.runs, values.seconds, values.slower].map(Number) as [
    number,
    number,
    number,
  ];
  await measureReal({ pairs, runs, seconds, slower: share });
  process.exit();
}
const seed = Number(values.seed);

/** How many times slower the later side is. */
const slower = [1, 1.05, 1.1, 1.2];
const statuses: readonly RegressionStatus[] = ['worse', 'unjudged', 'same', 'better'];

interface Case {
  readonly title: string;
  readonly runs: number;
  readonly noise: Omit<SimulatedRuns, 'seed'>;
}

const steady = { seconds: 30, perSec: 40 };
const cases: readonly Case[] = [
  { title: '3 runs each, 2 % between runs', runs: 3, noise: { ...steady, runNoise: 0.02 } },
  { title: '3 runs each, 5 % between runs', runs: 3, noise: { ...steady, runNoise: 0.05 } },
  { title: '1 run each, 5 % between runs', runs: 1, noise: { ...steady, runNoise: 0.05 } },
];

process.stdout.write(`${pairs} pairs per row; shares of the answers over all figures\n\n`);
process.stdout.write(
  `| runs and noise | slower by | ${statuses.join(' | ')} | p95 alone worse | p95 in interval |\n`,
);
process.stdout.write(`| --- | --: ${'| --: '.repeat(statuses.length + 2)}|\n`);
for (const [number, { title, runs, noise }] of cases.entries()) {
  for (const factor of slower) {
    const counts = new Map<RegressionStatus, number>();
    let p95Worse = 0;
    let held = 0;
    for (let pair = 0; pair < pairs; pair++) {
      const common = { ...noise, seed: seed + pair + number * 1_000_000 };
      const { status, rows } = compareRuns(
        { name: 'before', records: simulateRuns(runs, common) },
        { name: 'after', records: simulateRuns(runs, { ...common, run: 100, slower: factor }) },
        usualComparison,
      );
      counts.set(status, (counts.get(status) ?? 0) + 1);
      const p95 = rows.find(({ statistic, tags }) => statistic === 'p(95)' && tags === undefined)!;
      if (p95.status === 'worse') p95Worse++;
      if (p95.low !== null && p95.low <= factor - 1 && p95.high! >= factor - 1) held++;
    }
    const shares = [...statuses.map((status) => counts.get(status) ?? 0), p95Worse, held];
    const cells = shares.map((count) => `${((100 * count) / pairs).toFixed(1)} %`);
    process.stdout.write(`| ${title} | ${((factor - 1) * 100).toFixed(0)} % | ${cells.join(' | ')} |\n`);
  }
}
measureHistories(Math.min(1000, pairs), seed);
