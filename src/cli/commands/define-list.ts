// Names, flags and help of `plimsoll list`; what it does is in ../list.ts. Called by ../main.ts.

import type { Command } from 'commander';

export function defineList(program: Command): void {
  program
    .command('list')
    .argument('[suite]', 'path or name of one suite')
    .description('list the shipped suites and their profiles, or the profiles of one suite')
    .addHelpText('after', '\nExamples:\n  plimsoll list\n  plimsoll list ./suite.ts')
    .action(async (suite: string | undefined) => {
      const { listSuites } = await import('../list.ts');
      process.stdout.write(`${await listSuites(suite)}\n`);
    });
}
