// Names, flags and help of `plimsoll compare`; what it does is in ../compare.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { CompareFlags } from '../flags.ts';
import { percentiles } from '../values.ts';
import { noColour, withComparison, withPaper } from './shared-options.ts';

export function defineCompare(program: Command, setExitCode: (code: number) => void): void {
  withPaper(withComparison(program.command('compare')))
    .option('--percentiles <list>', 'percentiles of times to compare (default: 50,95)', percentiles)
    .argument(
      '<runs...>',
      'two or more runs or folders of runs; the first is what the others are compared with',
    )
    .description('say which figures of later runs are better, the same or worse than those of earlier ones')
    .option('-p, --profile <name>', 'of folders with runs of several profiles: compare those of this one')
    .addOption(noColour())
    .addHelpText(
      'after',
      `
A run is named by its folder, its run.json or results/<suite>/latest. A folder that holds run folders is one side with
all of its runs; single runs can be put together with commas. Three runs on each side measure how much equal runs
differ. With one run on each side that is assumed (--run-noise), and no figure of times can then be called the same.

Each figure is better, same, worse or unjudged. Worse: the 95 % interval of its change leaves out 0, the change is at
least --min-change, and it is no chance find among all figures looked at. Same: the whole interval lies within
--min-change. Unjudged: noise hides the answer, or the runs may not be compared, as when their load differs.

Exit codes:
  0  better or the same        2  bad usage, or a record that cannot be read
  1  a figure is worse         5  unjudged: nobody knows

Examples:
  plimsoll run shop -p normal --repeat 3 --out before     # then install the new version
  plimsoll run shop -p normal --repeat 3 --out after
  plimsoll compare before after
  plimsoll compare before after --out comparison.html
  plimsoll compare results/shop/normal-1,results/shop/normal-2 results/shop/latest --min-change 5%
  plimsoll compare staging-a staging-b --allow target --format md`,
    )
    .action(async (runs: string[], flags: CompareFlags) => {
      const { compareCommand } = await import('../compare.ts');
      setExitCode(await compareCommand(runs, flags));
    });
}
