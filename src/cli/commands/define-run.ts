// Names, flags and help of `plimsoll run`; what it does is in ../run.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { RunFlags } from '../flags.ts';
import { append, collect, roundNumber } from '../values.ts';
import { exitCodeHelp, sendHelp, withArtifacts, withOverrides, withProgress } from './shared-options.ts';

export function defineRun(program: Command, setExitCode: (code: number) => void): void {
  const command = withOverrides(
    program
      .command('run')
      .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
      .description('run profiles of a suite, write the artifacts, print the summary and the verdict')
      .option('-p, --profile <name>', 'profile to run; repeatable, and a part of the name will do', collect)
      .option('--all', 'run every profile, one after the other'),
  )
    .option('--quick', 'short for --profile quick')
    .option('--stress', 'short for --profile stress')
    .option('--repeat <count>', 'run each profile this often', roundNumber)
    .option('--dry-run', 'print the plan and stop')
    .option('--force', 'load the target even when it looks like production')
    .option('--skip-cleanup', 'keep what the run writes into the target, where the suite would remove it')
    .option('--abort-on-fail', 'end the run as soon as a threshold that fails it is broken');
  withArtifacts(command).option('--send <kind=address>', sendHelp, append);
  withProgress(command)
    .addHelpText(
      'after',
      `${exitCodeHelp}

Examples:
  plimsoll run jorge --profile smoke --duration 20s
  plimsoll run jorge --profile normal,peak --base-url http://127.0.0.1:9000
  plimsoll run ./suite.ts --users 50 --ops 100 --think-time 100
  plimsoll run ./suite.yaml --profile rush --rate 200 --abort-on-fail
  plimsoll run jorge --profile stress --dry-run
  plimsoll run jorge --profile normal --send prometheus=9464 --send slack=https://hooks.slack.com/services/...

Ctrl-C once lets running iterations finish for up to five seconds; twice cuts them off. Either way the
artifacts are written.`,
    )
    .action(async (suite: string, flags: RunFlags) => {
      const { runCommand } = await import('../run.ts');
      setExitCode(await runCommand(suite, flags));
    });
}
