// Runs a profile of the fixture suite `sql` against a database. Used by the end-to-end tests of the database client.

import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { type CliResult, type RunningCli, readRecord, startCli, temporaryFolder } from './run-cli.ts';

export interface FinishedSqlRun extends CliResult {
  readonly record: RunRecord;
  /** Where the results are; removed already unless it was to be kept. */
  readonly folder: ReturnType<typeof temporaryFolder>;
}

export interface SqlRun extends RunningCli {
  finished(keep?: boolean): Promise<FinishedSqlRun>;
}

export function startSqlRun(profile: string, databaseUrl: string, args: readonly string[] = []): SqlRun {
  const folder = temporaryFolder();
  const file = fileURLToPath(new URL('./fixtures/sql.suite.ts', import.meta.url));
  const flags = ['--profile', profile, '--out', folder.path];
  const formats = args.includes('--formats') ? [] : ['--formats', 'json'];
  const run = startCli(['run', file, ...flags, ...formats, ...args], { env: { DATABASE_URL: databaseUrl } });
  const done = run.done.then((result) => {
    if (result.code === 2 || result.code === 3 || result.code === 4) folder.dispose();
    return result;
  });
  return {
    ...run,
    done,
    async finished(keep = false) {
      const result = await done;
      const record = readRecord(folder.path, 'sql');
      if (!keep) folder.dispose();
      return { ...result, record, folder };
    },
  };
}
