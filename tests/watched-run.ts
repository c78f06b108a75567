// Runs a profile that watches things as a user would, with every artifact, and checks what holds for each such run.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { RunRecord } from 'plimsoll';
import { expect } from 'vitest';
import type { MonitorRecord } from '../src/model/monitor.ts';
import { figureOf, type LogLine, readRun } from './profile-run.ts';
import { type CliResult, type RunningCli, startCli } from './run-cli.ts';

export interface WatchedRun extends CliResult {
  readonly record: RunRecord;
  readonly log: readonly LogLine[];
  /** Every file of the run by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly runDir: string;
}

export interface WatchedOptions {
  readonly url: string;
  readonly outDir: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

const schemaFile = fileURLToPath(new URL('../schemas/run-record.schema.json', import.meta.url));
const isRecord = new Ajv2020({ allowUnionTypes: true, formats: { 'date-time': true } }).compile(
  JSON.parse(readFileSync(schemaFile, 'utf8')) as object,
);

/** Starts a profile of `fixtures/<suite>.suite.ts`; `readWatched` gives what it left. */
export function startWatched(suite: string, profile: string, options: WatchedOptions): RunningCli {
  const file = fileURLToPath(new URL(`./fixtures/${suite}.suite.ts`, import.meta.url));
  const flags = ['--profile', profile, '--base-url', options.url, '--workers', '1', '--out', options.outDir];
  return startCli(['run', file, ...flags, ...(options.args ?? [])], { env: { ...options.env } });
}

export function readWatched(outDir: string, suite: string, result: CliResult): WatchedRun {
  const runDir = join(outDir, suite, 'latest');
  const { record, log } = readRun(outDir, suite, result);
  const files = Object.fromEntries(
    readdirSync(runDir).map((name) => [name, readFileSync(join(runDir, name), 'utf8')]),
  );
  expect(isRecord(record), JSON.stringify(isRecord.errors)).toBe(true);
  return { ...result, record, log, files, runDir };
}

export async function runWatched(
  suite: string,
  profile: string,
  options: WatchedOptions,
): Promise<WatchedRun> {
  return readWatched(options.outDir, suite, await startWatched(suite, profile, options).done);
}

/** From the start of the load to its end, as the record has it. */
export function durationMs({ record }: Pick<WatchedRun, 'record'>): number {
  return record.timeline.at(-1)!.endAtMs;
}

/**
 * Limit of the 95th percentile against a target that answers after 5 ms: leaves room for a busy machine, and none for
 * waiting on what hangs.
 */
export const p95LimitMs = 500;

/** A last reading may come right after the load, and takes its time. */
const lastReadingMs = 1500;

/** Readings are on the run's clock and ascend, and nothing stands for what was not read. */
export function expectSound(run: WatchedRun, monitor: MonitorRecord): void {
  const { times, series, gaps, figures, readings } = monitor;
  expect(times).toEqual([...times].sort((a, b) => a - b));
  for (const atMs of times) {
    expect(atMs).toBeGreaterThanOrEqual(0);
    expect(atMs).toBeLessThanOrEqual(durationMs(run) + lastReadingMs);
  }
  expect(readings).toBe(times.length);
  expect(Object.keys(series)).toEqual(Object.keys(figures));
  for (const { avg } of Object.values(series)) expect(avg).toHaveLength(times.length);
  for (const { fromMs, untilMs } of gaps) {
    const end = untilMs ?? Number.POSITIVE_INFINITY;
    expect(end).toBeGreaterThan(fromMs);
    // Times are rounded, the ends of gaps are not.
    expect(times.filter((atMs) => atMs > fromMs + 1 && atMs < end - 1)).toEqual([]);
  }
}

/** Nothing was dropped, and what was sent is what was planned and what came. */
export function expectPlannedLoad({ record }: WatchedRun, planned: number, received: number): void {
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expect(figureOf(record, 'iterations')).toBe(planned);
  expect(figureOf(record, 'http_reqs')).toBe(planned);
  expect(received).toBe(planned);
  expect(figureOf(record, 'http_req_failed', 'passes')).toBe(0);
}

/** No artifact, and nothing that was printed, holds a secret. */
export function expectNoSecrets(run: WatchedRun, secrets: readonly string[]): void {
  const texts = { ...run.files, stdout: run.stdout, stderr: run.stderr };
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(5);
    for (const [name, text] of Object.entries(texts)) {
      expect(text.includes(secret), `${secret} in ${name}`).toBe(false);
    }
  }
}
