// Names, flags and help of `plimsoll capacity`; what it does is in ../capacity.ts. Called by ../main.ts.

import { type Command, Option } from 'commander';
import type { CapacityFlags } from '../flags.ts';
import { collectTag, milliseconds, percent, positive, seconds, whole, workerNumber } from '../values.ts';
import { exitCodeHelp, withArtifacts, withProgress, withTargetHelp } from './shared-options.ts';

export function defineCapacity(program: Command, setExitCode: (code: number) => void): void {
  const command = program
    .command('capacity')
    .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
    .description('search for the highest load that still meets the thresholds of a profile')
    .option(
      '-p, --profile <name>',
      'profile whose users, mix and thresholds are used (default: capacity, else normal, else the only one)',
    )
    .addOption(
      new Option('--unit <unit>', 'what the search raises (default: the unit of the profile)').choices([
        'users',
        'rate',
      ]),
    )
    .option('--from <load>', 'first load: users, or iterations per second', positive, 10)
    .option('--to <load>', 'highest load to try', positive, 100_000)
    .addOption(
      new Option('--step-duration <time>', 'length of each step; the first quarter is warm-up')
        .argParser(seconds)
        .default(20_000, '20s'),
    )
    .addOption(
      new Option('--precision <percent>', 'how close to the limit the result must be, in percent of the load')
        .argParser(percent)
        .default(0.05, '5%'),
    )
    .option('--think-time <ms>', 'think time: pause between two iterations of a user', milliseconds)
    .option('--base-url <url>', 'base URL of the target; overrides the suite')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-t, --tag <name=value>', 'tag for the whole search; repeatable', collectTag)
    .option(
      '-w, --workers <count>',
      'number of worker processes (default: one fewer than the number of cores)',
      workerNumber,
    )
    .option('--seed <number>', 'seed of all random choices (default: a new one each time)', whole)
    .option('--with-target', withTargetHelp)
    .option('--force', 'load the target even if it looks like production');
  withArtifacts(command);
  withProgress(command)
    .addHelpText(
      'after',
      `${exitCodeHelp}

The load doubles until a critical threshold fails. The gap between the highest load that passed and the lowest that
failed is then halved until it is within the precision, and the result is confirmed. A step whose two halves disagree
is repeated once. "Inconclusive" means that the load generator, not the target, was at its limit.

Examples:
  plimsoll capacity jorge
  plimsoll capacity ./suite.ts --profile peak --unit users --from 50 --to 2000
  plimsoll capacity ./suite.ts --unit rate --step-duration 10s --precision 2%`,
    )
    .action(async (suite: string, flags: CapacityFlags) => {
      const { capacityCommand } = await import('../capacity.ts');
      setExitCode(await capacityCommand(suite, flags));
    });
}
