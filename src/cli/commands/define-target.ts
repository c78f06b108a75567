// Names, flags and help of `plimsoll target`; what it does is in ../target.ts. Called by ../main.ts.

import type { Command } from 'commander';
import { whole } from '../values.ts';

export function defineTarget(program: Command): void {
  program
    .command('target')
    .argument('<system>', 'name of the reference system, e.g. jorge')
    .description('start a reference system to load, together with its database; Ctrl-C stops both')
    .option('--port <port>', 'port to listen on; 0 chooses a free one (default: 8000)', whole)
    .option('--host <host>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--database-url <url>',
      'PostgreSQL to use (default: DATABASE_URL, or a new one started for this target)',
    )
    .option('--json', 'when ready, print one line of JSON with the URL')
    .addHelpText(
      'after',
      '\nExamples:\n  plimsoll target jorge\n  plimsoll target jorge --port 0 --json\n  plimsoll target members',
    )
    .action(
      async (
        system: string,
        flags: { port?: number; host?: string; databaseUrl?: string; json?: boolean },
      ) => {
        const { runTarget } = await import('../target.ts');
        await runTarget(system, flags);
      },
    );
}
