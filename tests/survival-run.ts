// Runs a profile as a user would, with every artifact, and checks what must hold however the target behaves. Used by
// the survival tests.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { expect } from 'vitest';
import { figureOf, readRun } from './profile-run.ts';
import { type CliResult, startCli, temporaryFolder } from './run-cli.ts';

export interface SurvivalRun extends CliResult {
  readonly elapsedMs: number;
  readonly record: RunRecord;
  readonly artifacts: readonly string[];
  readonly log: readonly { readonly level: string; readonly message: string }[];
}

export interface SurvivalOptions {
  readonly url: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A command, with arguments, that runs the one given to it. */
  readonly through?: readonly [string, ...string[]];
}

/** Runs a profile of `fixtures/<suite>.suite.ts`. Rejects when it leaves no record. */
export async function survive(
  suite: string,
  profile: string,
  options: SurvivalOptions,
): Promise<SurvivalRun> {
  const folder = temporaryFolder();
  try {
    const startedAtMs = performance.now();
    const flags = [...flagsFor(suite, profile, options.url), '--out', folder.path, ...(options.args ?? [])];
    const result = await startCli(flags, {
      ...(options.env && { env: options.env }),
      ...(options.through && { through: options.through }),
    }).done;
    const elapsedMs = performance.now() - startedAtMs;
    const artifacts = readdirSync(join(folder.path, suite, 'latest')).sort();
    return { ...result, elapsedMs, artifacts, ...readRun(folder.path, suite, result) };
  } finally {
    folder.dispose();
  }
}

/** Runs a profile that is to end before any load, so that it leaves no record. */
export async function attempt(suite: string, profile: string, options: SurvivalOptions): Promise<CliResult> {
  const folder = temporaryFolder();
  try {
    const flags = [...flagsFor(suite, profile, options.url), ...(options.args ?? [])];
    const result = await startCli([...flags, '--out', folder.path], {
      ...(options.env && { env: options.env }),
      ...(options.through && { through: options.through }),
    }).done;
    expect(readdirSync(folder.path), result.stdout).toEqual([]);
    return result;
  } finally {
    folder.dispose();
  }
}

function flagsFor(suite: string, profile: string, url: string): string[] {
  const file = fileURLToPath(new URL(`./fixtures/${suite}.suite.ts`, import.meta.url));
  return ['run', file, '--profile', profile, '--base-url', url, '--workers', '1'];
}

/** Requests of a class of errors. */
export function errorCount(record: RunRecord, code: string): number {
  return record.errors
    .filter((group) => group.code === code && group.source === 'request')
    .reduce((sum, { count }) => sum + count, 0);
}

/** All artifacts are there, and every request has one outcome: an error group for each one that failed. */
export function expectWholeRecord({ record, artifacts, stdout }: SurvivalRun): void {
  expect(artifacts).toEqual(
    expect.arrayContaining([
      'endpoints.csv',
      'executive-summary.json',
      'junit.xml',
      'report.html',
      'run.json',
      'run.log',
      'summary.md',
      'summary.txt',
      'timeline.csv',
    ]),
  );
  const groups = record.errors.filter(({ source }) => source === 'request');
  const inGroups = groups.reduce((sum, { count }) => sum + count, 0);
  const aborted = errorCount(record, 'aborted');
  const failed = figureOf(record, 'http_req_failed', 'passes');
  expect(inGroups).toBe(failed + aborted);
  expect(figureOf(record, 'http_reqs')).toBe(failed + figureOf(record, 'http_req_failed', 'fails') + aborted);
  for (const { code } of record.errors) expect(stdout).toContain(code);
}
