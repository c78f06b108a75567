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
      '\nExamples:\n  plimsoll target jorge\n  plimsoll target jorge --port 0 --json\n  plimsoll target members\n' +
        '\nKnobs, as environment variables; the README of each target describes them:\n' +
        '  jorge    JORGE_RATE_LIMIT, JORGE_POOL_SIZE, JORGE_POOL=off, JORGE_INDEXES=off, JORGE_CACHE=cold, JORGE_CPU_MS,\n' +
        '           JORGE_LEAK_KB, JORGE_UPSTREAM_MS, JORGE_HOT_ROW=on, JORGE_N_PLUS_ONE=on, JORGE_KEEP_ALIVE=off,\n' +
        '           JORGE_NETWORK_MS, JORGE_DB_NETWORK_MS, JORGE_SEED\n' +
        '  members  MEMBERS_COUNT, MEMBERS_SEED, MEMBERS_INDEXES=off\n' +
        '  adapter  ADAPTER_CONTACTS, ADAPTER_SEED, ADAPTER_MAX_CONNECTIONS, ADAPTER_MISSING_INDEX, ADAPTER_UNUSED_INDEX=on,\n' +
        '           ADAPTER_POLICY=expensive',
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
