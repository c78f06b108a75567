// Names, flags and help of `plimsoll compare`; what it does is in ../compare.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { CompareFlags } from '../flags.ts';
import {
  percentiles,
  positive,
  positiveWhole,
  roundNumber,
  seconds,
  whole,
  workerNumber,
} from '../values.ts';
import { noColour, withComparison, withPaper } from './shared-options.ts';

export function defineCompare(program: Command, setExitCode: (code: number) => void): void {
  withPaper(withComparison(program.command('compare')))
    .option('--percentiles <list>', 'percentiles of times to compare (default: 50,95)', percentiles)
    .argument(
      '<runs...>',
      'two or more runs, or folders of runs; the others are compared with the first. With --run: two suites, base URLs or environments',
    )
    .description(
      'show which figures of later runs are better than, the same as or worse than those of earlier runs',
    )
    .option(
      '-p, --profile <name>',
      'if folders hold runs of several profiles: compare the runs of this profile',
    )
    .option('--run', 'run both sides in turn (A B, B A, ...) and compare them')
    .option('--suite <suite>', 'with --run: the suite for two base URLs or two environments')
    .option('--repeat <count>', 'with --run: runs of each side (default: 3)', roundNumber)
    .option('--time-limit <time>', 'with --run: the most time that all runs may take (default: 1h)', seconds)
    .option('--results <dir>', 'with --run: folder of the results (default: results)')
    .option('-d, --duration <time>', 'with --run: length of the load', seconds)
    .option('-u, --users <count>', 'with --run: number of virtual users', positiveWhole)
    .option('--rate <per second>', 'with --run: arrival rate', positive)
    .option('-e, --env <name>', 'with --run: environment of both suites')
    .option('-w, --workers <count>', 'with --run: number of worker processes', workerNumber)
    .option('--seed <number>', 'with --run: seed of all random choices', whole)
    .option('--force', 'with --run: load targets even if they look like production')
    .addOption(noColour())
    .addHelpText(
      'after',
      `
Name a run by its folder, its run.json or results/<suite>/latest. A folder of run folders is one side with all its runs;
commas join single runs into one side. Three runs on each side show how much equal runs differ. With one run on each
side, that difference is assumed (--run-noise), and no time can be called the same.

With --run, both sides are run now, in turn: A B, B A, A B. Slow changes of the machines then affect both sides alike. A
side is a suite or, with --suite, a base URL or an environment of that suite. Both sides of a round have the same seed. The
safety rules are those of \`plimsoll run\`.

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
  plimsoll compare --run http://127.0.0.1:8001 http://127.0.0.1:8002 --suite shop.suite.ts -p normal -d 30s
  plimsoll compare staging-a staging-b --allow target --format md`,
    )
    .action(async (runs: string[], flags: CompareFlags) => {
      if (flags.run === true) {
        const { compareLive } = await import('../compare-live.ts');
        setExitCode(await compareLive(runs, flags));
        return;
      }
      const { compareCommand } = await import('../compare.ts');
      setExitCode(await compareCommand(runs, flags));
    });
}
