// Names, flags and help of `plimsoll analyze`; what it does is in ../analyze.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { AnalyzeFlags } from '../flags.ts';
import { loads, milliseconds, positiveWhole } from '../values.ts';
import { exitCodeHelp, noColour } from './shared-options.ts';

export function defineAnalyze(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('analyze')
    .argument('<run...>', 'run directories, their run.json, or results/<suite>/latest')
    .description('compute the verdict, findings and advice of runs again from their records')
    .option(
      '--at <loads>',
      'estimate throughput and times at these loads, such as 2000,4000 users, from levels of load',
      loads,
    )
    .option(
      '--target <time>',
      'mean time of an iteration that the straight-line estimate allows',
      milliseconds,
    )
    .option(
      '--instances <count>',
      'instances of the target that were measured; tells how many --at needs',
      positiveWhole,
    )
    .option('--json', 'print verdict and findings as JSON')
    .option('--report-file <file>', 'write the verdict and findings to this file as well (.txt or .json)')
    .addOption(noColour())
    .addHelpText(
      'after',
      `${exitCodeHelp}

The exit code is that of the verdict, of several runs that of the worst. The records are not changed.

With --at, or with several runs, the levels of load that the runs held (steps of a search, phases, stages, slices of a
ramp, or one run each) show how throughput follows load, with ranges. Runs must be of the same users and tasks.

Examples:
  plimsoll analyze results/jorge/latest
  plimsoll analyze results/monitor/latest --json
  plimsoll analyze results/jorge/capacity-latest --at 4000
  plimsoll analyze run-50 run-100 run-200 run-400 --at 1000,2000 --instances 3`,
    )
    .action(async (runs: string[], flags: AnalyzeFlags) => {
      const { analyzeCommand } = await import('../analyze.ts');
      setExitCode(await analyzeCommand(runs, flags));
    });
}
