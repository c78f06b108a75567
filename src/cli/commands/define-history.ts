// Names, flags and help of `plimsoll history`; what it does is in ../history.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { HistoryFlags } from '../flags.ts';
import { collect, percent } from '../values.ts';
import { noColour, withPaper } from './shared-options.ts';

export function defineHistory(program: Command, setExitCode: (code: number) => void): void {
  withPaper(
    program
      .command('history')
      .argument('<suite>', 'a suite that has results, or a folder that holds run folders')
      .description('show how the key figures went over the runs of a suite, what changed, and since when'),
  )
    .option('-p, --profile <name>', 'the runs of this profile only')
    .option('-e, --env <name>', 'the runs in this environment only')
    .option('--json', 'print JSON')
    .option('--fail-on-degradation', 'end with exit code 1 when the present level of a figure is worse')
    .option('--min-change <percent>', 'least change of times and rates that matters (default: 10%)', percent)
    .option(
      '--min-failed <percent>',
      'least change of the share of failures that matters, in percentage points (default: 0.5)',
      percent,
    )
    .option(
      '--allow <difference>',
      'take in runs although this differs: load, target, settings, machine; repeatable',
      collect,
    )
    .addOption(noColour())
    .addHelpText(
      'after',
      `
The runs of each profile and environment are put in the order of time. Runs that cannot be used (interrupted, inconclusive),
or whose load, target or machine differs from that of the last one, are left out and named. p95, throughput, failures and the
growth of memory are followed, and the p95 of the ten busiest endpoints.

A shift of level is found by E-divisive with a permutation test, from eight runs on, three of them at the new level. Where
there is none, a slow trend is looked for, and the last run is held against those before it. All figures together give a
false alarm in at most about 5 % of histories without a change.

Exit codes:
  0  shown                            2  bad usage, or no run to show
  1  degraded, and asked to fail      5  asked to fail, and too few runs to judge

Examples:
  plimsoll history shop
  plimsoll history results/shop --profile normal --out history.html
  plimsoll history results/shop --fail-on-degradation --min-change 5%`,
    )
    .action(async (suite: string, flags: HistoryFlags) => {
      const { historyCommand } = await import('../history.ts');
      setExitCode(await historyCommand(suite, flags));
    });
}
