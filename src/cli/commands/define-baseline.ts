// Names, flags and help of `plimsoll baseline`; what it does is in ../baseline.ts. Called by ../main.ts.

import type { Command } from 'commander';
import type { BaselineFlags } from '../flags.ts';
import { append } from '../values.ts';
import { mapHelp, noColour, withComparison, withPaper } from './shared-options.ts';

const suiteHelp = 'path of a suite file or folder, or the name of a shipped suite';
const fileHelp = 'the baseline file (default: beside the suite, shop.baseline.json for shop.suite.ts)';

export function defineBaseline(program: Command, setExitCode: (code: number) => void): void {
  const baseline = program
    .command('baseline')
    .description('keep the accepted figures of a suite in a reviewed file, and check later runs against them')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll run shop.suite.ts -p normal --repeat 3 --out accepted
  plimsoll baseline update shop.suite.ts accepted --reason "index on orders.customer"
  git add shop.baseline.json
  plimsoll run shop.suite.ts -p normal --repeat 3 --out now
  plimsoll baseline check shop.suite.ts now`,
    );

  withPaper(baseline.command('show').argument('<suite>', suiteHelp))
    .description('print the accepted figures, the gates, and why they were accepted')
    .option('-p, --profile <name>', 'show the baseline of this profile only')
    .option('--file <file>', fileHelp)
    .addOption(noColour())
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll baseline show shop.suite.ts\n  plimsoll baseline show shop.suite.ts --format json',
    )
    .action(async (suite: string, flags: BaselineFlags) => {
      const { showBaseline } = await import('../baseline.ts');
      setExitCode(await showBaseline(suite, flags));
    });

  baseline
    .command('update')
    .argument('<suite>', suiteHelp)
    .argument('<runs...>', 'runs or folders of runs, all of one profile')
    .description('accept the figures of runs as the baseline of their profile and environment')
    .requiredOption('--reason <text>', 'why these figures are accepted; the file keeps the reason')
    .option('-p, --profile <name>', 'if folders hold runs of several profiles: use the runs of this profile')
    .option('--file <file>', fileHelp)
    .addHelpText(
      'after',
      `
Use at least three runs of the same load: they show how much equal runs differ. The file keeps the reasons of earlier
updates, and its gates do not change. A new baseline has three gates for each kind of operation: p95 at most 110 % of
the baseline, throughput at least 90 % of it, and at most 5 % failed. You may change the gates by hand.

Examples:
  plimsoll baseline update shop.suite.ts accepted --reason "new database server"
  plimsoll baseline update shop.suite.ts results/shop --profile peak --reason "first accepted figures"`,
    )
    .action(async (suite: string, runs: string[], flags: BaselineFlags) => {
      const { updateBaseline } = await import('../baseline.ts');
      setExitCode(await updateBaseline(suite, runs, flags));
    });

  withPaper(
    withComparison(
      baseline
        .command('check')
        .argument('<suite>', suiteHelp)
        .argument(
          '[runs...]',
          'runs or folders of runs, all of one profile (default: results/<suite>/latest)',
        ),
    ),
  )
    .description('check runs against the gates of the baseline, and show what changed')
    .option('-p, --profile <name>', 'if folders hold runs of several profiles: use the runs of this profile')
    .option('--file <file>', fileHelp)
    .option('--map <name=task>', mapHelp, append)
    .addOption(noColour())
    .addHelpText(
      'after',
      `
A gate relative to the baseline is broken when the figure is beyond the gate and the change is proven, that is, when its
95 % interval does not contain 0. If the figure is beyond the gate but may be noise, the gate warns. With "proof": true,
the gate holds only when the whole interval is within it, and is inconclusive otherwise.

Files of other tools can be checked, too: an object of endpoints with p50, p95, p99, rps and error_rate, or the figures of
one user (single_user_p95, ...). Times may be 10 % above theirs, throughput 10 % below, failures half a point above. The
report says which task each name was held against; a name that fits none makes the check inconclusive (--map).

Exit codes:
  0  every critical gate held         2  bad usage, or a file that cannot be read
  1  a critical gate is broken        5  inconclusive

Examples:
  plimsoll baseline check shop.suite.ts
  plimsoll baseline check shop.suite.ts now --out baseline.md
  plimsoll baseline check adapter --file baselines.json --map "CRM Create=contact_create"`,
    )
    .action(async (suite: string, runs: string[], flags: BaselineFlags) => {
      const { checkBaseline } = await import('../baseline.ts');
      setExitCode(await checkBaseline(suite, runs, flags));
    });
}
