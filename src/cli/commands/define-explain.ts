// Names, flags and help of `plimsoll explain`; what it does is in ../explain.ts. Called by ../main.ts.

import { type Command, Option } from 'commander';
import type { ExplainFlags } from '../flags.ts';
import { collectTag, positive, positiveWhole, seconds, whole, workerNumber } from '../values.ts';
import { noColour, withTargetHelp } from './shared-options.ts';

export function defineExplain(program: Command, setExitCode: (code: number) => void): void {
  program
    .command('explain')
    .argument('<suite>', 'path of a suite file or folder, or the name of a shipped suite')
    .description('find out by short experiments which task, user or setting slows a load down')
    .option(
      '-p, --profile <name>',
      'profile whose load is explained (default: stress, else peak, else normal, else the only one)',
    )
    .addOption(
      new Option('--time <time>', 'the longest that all runs together may take')
        .argParser(seconds)
        .default(300_000, '5m'),
    )
    .addOption(
      new Option('--run-length <time>', 'length of the load in each run')
        .argParser(seconds)
        .default(6000, '6s'),
    )
    .option('-u, --users <count>', 'number of virtual users; overrides the profile', positiveWhole)
    .option('--rate <per second>', 'arrival rate, for profiles with an arrival-rate executor', positive)
    .option('--base-url <url>', 'base URL of the target; overrides the suite')
    .option('-e, --env <name>', 'environment of the suite to use')
    .option('-t, --tag <name=value>', 'tag for all runs; repeatable', collectTag)
    .option(
      '-w, --workers <count>',
      'number of worker processes (default: one fewer than the number of cores)',
      workerNumber,
    )
    .option('--seed <number>', 'seed of all random choices (default: a new one each time)', whole)
    .option('--with-target', withTargetHelp)
    .option('--force', 'load the target even if it looks like production')
    .option('-o, --out <dir>', 'folder of the results', 'results')
    .option('-q, --quiet', 'print the first sentence of the answer only')
    .addOption(noColour())
    .addHelpText(
      'after',
      `
The highest load of the profile is held for a few seconds at a time: as it is, at a tenth, at half, and without one
user class or one task after the other, while the others are done as often as before. If the profile has think times or
a pool of connections, twice the think time and half of the connections are tried as well. Each round drives every
experiment once, in an order that is drawn anew; five rounds at least are needed. What makes the others faster beyond
noise is named, with its interval and its part of the slowdown.

Exit codes:
  0  explained, or the load slows nothing down      4  refused for safety (see --force)
  2  bad usage or invalid suite                     5  noise hides the answer, or the generator was the limit
  3  target unreachable, or setup failed            130 interrupted: the rounds so far are still told

Examples:
  plimsoll explain jorge
  plimsoll explain ./suite.ts --profile peak --users 40
  plimsoll explain ./suite.ts --time 10m --run-length 10s`,
    )
    .action(async (suite: string, flags: ExplainFlags) => {
      const { explainCommand } = await import('../explain.ts');
      setExitCode(await explainCommand(suite, flags));
    });
}
