// Names, flags and help of `plimsoll run`; what it does is in ../run.ts. Called by ../main.ts.

import { type Command, Option } from 'commander';
import { type RunFlags, workerCount } from '../flags.ts';
import { append, collect, positive, positiveWhole, roundNumber, seconds } from '../values.ts';
import {
  exitCodeHelp,
  mapHelp,
  sendHelp,
  withArtifacts,
  withOverrides,
  withProgress,
  withTargetHelp,
} from './shared-options.ts';

export function defineRun(program: Command, setExitCode: (code: number) => void): void {
  const command = withOverrides(
    program
      .command('run')
      .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
      .description('run profiles of a suite, write the results, print the summary and the verdict')
      .option('-p, --profile <name>', 'profile to run; repeatable; a part of the name is enough', collect)
      .option('--all', 'run every profile, in the order of the suite, as far as the gates pass')
      .option('--full-suite', 'the same as --all')
      .option('--budget <time>', 'run only the profiles that fit into this time, in their order', seconds)
      .option('-m, --marker <expression>', 'run the profiles with these markers: "load and not slow"')
      .option('--scenario <name>', 'profile or marker to run, or all; repeatable', collect)
      .option('--test <name>', 'profile with the marker "test" to run, or all of them; repeatable', collect),
  )
    .option('--connections <count>', 'the same as --users', positiveWhole)
    .option('--qps <per second>', 'the same as --rate', positive)
    .option('--quick', 'short for --profile quick')
    .option('--quick-test', 'short for --profile quick_test: the abbreviated scenarios of a suite')
    .option('--stress', 'short for --profile stress')
    .addOption(
      new Option('--loglevel <level>', 'least important messages to print (default: info)').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .option('--repeat <count>', 'run each profile this many times', roundNumber)
    .option('--with-target', withTargetHelp)
    .option('--dry-run', 'print the plan, try whether the target answers, and stop')
    .option('--force', 'load the target even if it looks like production')
    .option('--allow-faults', 'make the faults of a profile also in what is not on this machine')
    .option(
      '--skip-cleanup',
      'keep the data that the run writes into the target, which the suite would otherwise remove',
    )
    .option('--abort-on-fail', 'end the run as soon as a critical threshold fails')
    .option('--compare-baseline', 'hold the run to the baseline of the suite: a broken gate fails it')
    .option('--baseline-file <file>', 'the baseline file (default: as for `plimsoll baseline`)')
    .option('--map <name=task>', mapHelp, append);
  withArtifacts(command).option('--send <kind=address>', sendHelp, append);
  withProgress(command)
    .addHelpText(
      'after',
      `${exitCodeHelp}

Examples:
  plimsoll run jorge --profile smoke --duration 20s
  plimsoll run jorge --profile smoke --with-target
  plimsoll run jorge --profile normal,peak --base-url http://127.0.0.1:9000
  plimsoll run ./suite.ts --users 50 --ops 100 --think-time 100
  plimsoll run ./suite.yaml --profile rush --rate 200 --abort-on-fail
  plimsoll run jorge --profile stress --dry-run
  plimsoll run adapter --test pool_exhaustion
  plimsoll run ./shop.suite.ts -p normal --repeat 3 --compare-baseline
  plimsoll run jorge --profile normal --send prometheus=9464 --send slack=https://hooks.slack.com/services/...

With --compare-baseline the baseline file is read before the load: without a baseline of the profile the exit code is 2.
With --repeat each run is held to it together with those before it, so the last one has the answer of all.

The first Ctrl-C lets running iterations finish for up to five seconds; the second cuts them off. The results are
written in both cases.`,
    )
    .action(async (suite: string, flags: RunFlags) => {
      const { readDestinations } = await import('../destinations.ts');
      const destinations = await readDestinations(flags, flags.export);
      // The first run's workers boot while the command is loaded, and the suite is bundled and validated.
      const { bootWorkers } = await import('../../run/boot-workers.ts');
      const engine = flags.dryRun ? undefined : bootWorkers(workerCount(flags));
      try {
        const { runCommand } = await import('../run.ts');
        setExitCode(await runCommand(suite, flags, destinations, engine));
      } finally {
        engine?.close();
      }
    });
}
