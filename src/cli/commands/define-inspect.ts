// Names, flags and help of `plimsoll inspect`; what it does is in ../inspect.ts. Called by ../main.ts.

import type { Command } from 'commander';
import { type LoadFlags, overridesOf, workerCount } from '../flags.ts';
import { collect } from '../values.ts';
import { withOverrides } from './shared-options.ts';

export function defineInspect(program: Command): void {
  withOverrides(
    program
      .command('inspect')
      .argument('<suite>', 'path or name of the suite')
      .description('show the plan of a profile without sending anything')
      .option(
        '-p, --profile <name>',
        'profile to show; repeatable; a part of the name is enough (default: all)',
        collect,
      )
      .option('--json', 'print the plan as JSON'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll inspect jorge --profile peak\n  plimsoll inspect ./suite.ts -p rush --rate 500 --json',
    )
    .action(async (suite: string, flags: LoadFlags & { profile?: string[]; json?: boolean }) => {
      const { inspectSuite } = await import('../inspect.ts');
      const { profile, env, seed, json } = flags;
      const options = { ...overridesOf(flags), profile, env, seed, json, workers: workerCount(flags) };
      process.stdout.write(`${await inspectSuite(suite, options)}\n`);
    });
}
