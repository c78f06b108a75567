// Runs profiles of the suite `adapter` against its own target, whose data is made anew for each set of weaknesses.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from 'plimsoll';
import { expect } from 'vitest';
import { type AdapterOptions, type RunningAdapter, startAdapter } from '../targets/adapter/seeded.ts';
import { readRecord, runCli, temporaryFolder } from './run-cli.ts';

export interface AdapterRun {
  readonly record: RunRecord;
  readonly stdout: string;
  readonly result: unknown;
}

/** The servers of one test file. */
export class AdapterServers {
  readonly #running: RunningAdapter[] = [];
  #shared: RunningAdapter | undefined;

  async start(options: AdapterOptions): Promise<RunningAdapter> {
    const started = await startAdapter(options);
    this.#running.push(started);
    return started;
  }

  /** The URL of one server for all, with these weaknesses. */
  async databaseWith(planted: AdapterOptions = {}): Promise<string> {
    this.#shared ??= await this.start({});
    await startAdapter({ databaseUrl: this.#shared.url, ...planted });
    return this.#shared.url;
  }

  async stop(): Promise<void> {
    for (const one of this.#running) await one.stop();
  }
}

export async function runAdapter(
  profile: string,
  databaseUrl: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<AdapterRun> {
  const folder = temporaryFolder();
  try {
    const flags = [
      '--profile',
      profile,
      '--workers',
      '2',
      '--formats',
      'json,db-test,md',
      '--out',
      folder.path,
    ];
    const { stdout, stderr, code } = await runCli(['run', 'adapter', ...flags, ...args], {
      env: { DATABASE_URL: databaseUrl, ...env },
    });
    expect([0, 1, 5], stderr + stdout).toContain(code);
    const latest = join(folder.path, 'adapter', 'latest');
    return {
      record: readRecord(folder.path, 'adapter'),
      stdout,
      result: JSON.parse(readFileSync(join(latest, 'db-test.json'), 'utf8')),
    };
  } finally {
    folder.dispose();
  }
}
