// Names, flags and help of `plimsoll analyze`; what it does is in ../analyze.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { AnalyzeFlags } from '../flags.ts';
import { expectedUsers, loads, milliseconds, monthlyGrowth, plannedUsers, positiveWhole } from '../values.ts';
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
      'greatest mean time of an iteration, for the straight-line estimate',
      milliseconds,
    )
    .option(
      '--instances <count>',
      'number of measured instances of the target; shows how many the loads of --at need',
      positiveWhole,
    )
    .option('--users <count>', 'users at the same time today, for the growth table', plannedUsers)
    .option('--growth <share>', 'growth in a month, such as 10%: dates, instances and costs', monthlyGrowth)
    .option(
      '--expect <times>',
      'users expected at times from today, such as "3 months=1000,1 year=5000"',
      expectedUsers,
    )
    .option(
      '--scaling [file]',
      "hold the run against the suite's autoscaling policy, or against the rules of a YAML file",
    )
    .option(
      '--export-hpa <file>',
      'write the policy as a Kubernetes HorizontalPodAutoscaler (autoscaling/v2)',
    )
    .option('--export-keda <file>', 'write the policy as a ScaledObject of KEDA')
    .option('--json', 'print verdict and findings as JSON')
    .option('--report-file <file>', 'write the verdict and findings to this file as well (.txt or .json)')
    .addOption(noColour())
    .addHelpText(
      'after',
      `${exitCodeHelp}

The exit code is that of the verdict, or of the worst verdict of several runs. The records are not changed.

With --at or with several runs, the levels of load in the runs show how throughput depends on load, with intervals.
Levels are steps of a search, phases, stages, slices of a ramp, or whole runs. All runs must have the same users and
tasks.

--users, --growth, --expect and --instances take the place of what the suite says under "capacity".

With --scaling, rules such as "cpu_percent > 75% for 2m: Add 1 instance" are replayed over what the run recorded: when
each would have acted, with what delay, and whether they flap. A simulation then tries them in a closed loop, with the
capacity of an instance, its start-up time and the age of figures, beside the HPA that comes closest. Nothing is scaled.

Examples:
  plimsoll analyze results/jorge/latest
  plimsoll analyze results/monitor/latest --json
  plimsoll analyze results/jorge/capacity-latest --at 4000
  plimsoll analyze run-50 run-100 run-200 run-400 --at 1000,2000 --instances 3
  plimsoll analyze results/shop/latest --users 300 --growth 10%
  plimsoll analyze results/shop/latest --scaling
  plimsoll analyze results/shop/latest --scaling policy.yaml --instances 2
  plimsoll analyze results/shop/latest --scaling policy.yaml --export-hpa hpa.yaml`,
    )
    .action(async (runs: string[], flags: AnalyzeFlags) => {
      const { analyzeCommand } = await import('../analyze.ts');
      setExitCode(await analyzeCommand(runs, flags));
    });
}
