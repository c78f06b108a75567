// Names, flags and help of `plimsoll compare`; what it does is in ../compare.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { CompareFlags } from '../flags.ts';
import { percentiles } from '../values.ts';
import { noColour, withComparison, withPaper } from './shared-options.ts';

export function defineCompare(program: Command, setExitCode: (code: number) => void): void {
  withPaper(withComparison(program.command('compare')))
    .option('--percentiles <list>', 'percentiles of times to compare (default: 50,95)', percentiles)
    .argument('<runs...>', 'two or more runs, or folders of runs; the others are compared with the first')
    .description(
      'show which figures of later runs are better than, the same as or worse than those of earlier runs',
    )
    .option(
      '-p, --profile <name>',
      'if folders hold runs of several profiles: compare the runs of this profile',
    )
    .addOption(noColour())
    .addHelpText(
      'after',
      `
Name a run by its folder, its run.json or results/<suite>/latest. A folder of run folders is one side with all its runs;
commas join single runs into one side. Three runs on each side show how much equal runs differ. With one run on each
side, that difference is assumed (--run-noise), and no time can be called the same.

Each figure is better, same, worse or unjudged. Worse: the 95 % interval of the change does not contain 0, the change is
at least --min-change, and it is significant among all compared figures. Same: the whole interval lies within
--min-change. Unjudged: the noise is too large, or the runs are not comparable, for example because their load differs.

Exit codes:
  0  better or the same        2  bad usage, or a record that cannot be read
  1  a figure is worse         5  unjudged

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
