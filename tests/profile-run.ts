// Runs one profile of a fixture suite against a server, and reads what the run left behind.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { type CliResult, type RunningCli, readRecord, startCli, temporaryFolder } from './run-cli.ts';

export interface LogLine {
  /** Wall clock, in ISO 8601. */
  readonly time: string;
  readonly level: string;
  readonly message: string;
}

export interface FinishedRun extends CliResult {
  /** From the start of the load to the end of the process. */
  readonly elapsedMs: number;
  readonly record: RunRecord;
  readonly log: readonly LogLine[];
}

/** Starts the profiles of a fixture suite, by its file name; `readRun` gives what they left in `outDir`. */
export function startProfile(
  suite: string,
  profile: string,
  options: { url: string; outDir: string; args?: readonly string[]; env?: NodeJS.ProcessEnv },
): RunningCli {
  const file = fileURLToPath(new URL(`./fixtures/${suite}.suite.ts`, import.meta.url));
  const flags = [
    '--profile',
    profile,
    '--base-url',
    options.url,
    '--out',
    options.outDir,
    '--formats',
    'json',
  ];
  return startCli(['run', file, ...flags, ...(options.args ?? [])], options.env && { env: options.env });
}

function readLog(outDir: string, suite: string): LogLine[] {
  return readFileSync(join(outDir, suite, 'latest', 'run.log'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);
}

/** Runs one profile to its end. */
export async function runProfile(
  suite: string,
  profile: string,
  url: string,
  args: readonly string[] = [],
): Promise<FinishedRun> {
  const folder = temporaryFolder();
  try {
    const result = await startProfile(suite, profile, { url, outDir: folder.path, args }).done;
    const endedAtMs = Date.now();
    const { record, log } = readRun(folder.path, suite, result);
    const started = log.find(({ message }) => message === 'started')!;
    return { ...result, elapsedMs: endedAtMs - Date.parse(started.time), record, log };
  } finally {
    folder.dispose();
  }
}

export function readRun(
  outDir: string,
  suite: string,
  result: CliResult,
): { readonly record: RunRecord; readonly log: readonly LogLine[] } {
  try {
    return { record: readRecord(outDir, suite), log: readLog(outDir, suite) };
  } catch (cause) {
    throw new Error(`no record (exit ${result.code}):\n${result.stderr}`, { cause });
  }
}

/** One value of a metric of the record; 0 when it has no samples. */
export function figureOf(record: RunRecord, series: string, key = 'count'): number {
  const values: Readonly<Record<string, number>> = { ...record.metrics[series]?.values };
  return values[key] ?? 0;
}
