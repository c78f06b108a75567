// Measures how often `plimsoll compare` is wrong on real runs: pairs of sides against the Jorge target, with equal systems
// and with one that is slower by a known share. Called by measure-regression.ts for `npm run regression -- --real`; needs a
// build, and a machine that has nothing else to do.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../src/model/run-record.ts';
import { compareRuns, usualComparison } from '../src/regression/compare-runs.ts';
import { readRunRecord } from '../src/store/read-run-record.ts';

const cli = fileURLToPath(new URL('../bin/plimsoll.js', import.meta.url));
/**
 * Each system answers this much later each way: answers of half a millisecond cannot be slowed by a share that timers of whole
 * milliseconds could keep.
 */
const baseMs = 10;
const statuses = ['worse', 'unjudged', 'same', 'better'] as const;

export interface RealPairs {
  /** Of each kind: equal systems, and one that is slower. */
  readonly pairs: number;
  /** Runs on each side. */
  readonly runs: number;
  readonly seconds: number;
  /** How much slower, to whole ms each way: 0.2 for 20 % of the median. */
  readonly slower: number;
}

interface System {
  readonly url: string;
  stop(): Promise<void>;
}

/** Prints a row for equal systems and one for a slower one. Throws where a target or a run cannot be had. */
export async function measureReal({ pairs, runs, seconds, slower }: RealPairs): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-pairs-'));
  const systems: System[] = [];
  try {
    const before = await startSystem(baseMs);
    systems.push(before);
    const equal = await startSystem(baseMs);
    systems.push(equal);
    const pilot = await runOnce(before.url, join(folder, 'pilot'), seconds, 1);
    const times = pilot.metrics.http_req_duration!.values;
    const medianMs = 'med' in times ? times.med : 0;
    const addedMs = Math.max(1, Math.round((medianMs * slower) / 2));
    const slow = await startSystem(baseMs + addedMs);
    const share = (2 * addedMs) / medianMs;
    systems.push(slow);
    process.stdout.write(
      `median ${medianMs.toFixed(2)} ms; the slower system adds ${2 * addedMs} ms to each answer\n` +
        `${pairs} pairs of each kind, ${runs} runs of ${seconds} s on each side, in turn\n\n` +
        `| systems | ${statuses.join(' | ')} | median's change in its interval |\n| --- |${' --: |'.repeat(statuses.length + 1)}\n`,
    );
    for (const [title, after, truth] of [
      ['equal', equal, 0],
      [`slower by ${(100 * share).toFixed(1)} % of the median`, slow, share],
    ] as const) {
      const counts = new Map<string, number>();
      let held = 0;
      for (let pair = 0; pair < pairs; pair++) {
        const { status, median } = await comparePair(before, after, {
          runs,
          seconds,
          folder,
          seed: 1 + pair * runs,
        });
        counts.set(status, (counts.get(status) ?? 0) + 1);
        if (median !== undefined && median.low <= truth && median.high >= truth) held++;
        process.stderr.write(`${title}: pair ${pair + 1} of ${pairs} is ${status}\n`);
      }
      const cells = statuses.map((status) => String(counts.get(status) ?? 0));
      process.stdout.write(`| ${title} | ${cells.join(' | ')} | ${held} of ${pairs} |\n`);
    }
  } finally {
    for (const system of systems) await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface PairOptions {
  readonly runs: number;
  readonly seconds: number;
  readonly folder: string;
  readonly seed: number;
}

/** In the order A B, B A, ...; a round has one seed. */
async function comparePair(before: System, after: System, { runs, seconds, folder, seed }: PairOptions) {
  const records = new Map<System, RunRecord[]>([
    [before, []],
    [after, []],
  ]);
  for (let round = 0; round < runs; round++) {
    for (const system of round % 2 === 0 ? [before, after] : [after, before]) {
      const out = mkdtempSync(join(folder, 'run-'));
      records.get(system)!.push(await runOnce(system.url, out, seconds, seed + round));
      rmSync(out, { recursive: true, force: true });
    }
  }
  const { status, rows } = compareRuns(
    { name: 'before', records: records.get(before)! },
    { name: 'after', records: records.get(after)! },
    { ...usualComparison, allowed: ['target'] },
  );
  const row = rows.find(({ statistic, tags }) => statistic === 'p(50)' && tags === undefined);
  const median = row?.low == null || row.high === null ? undefined : { low: row.low, high: row.high };
  return { status, median };
}

/** One run of the Jorge suite with few users, so that the machine is not what limits it. */
async function runOnce(url: string, out: string, seconds: number, seed: number): Promise<RunRecord> {
  const load = ['-p', 'smoke', '-d', `${seconds}s`, '-u', '4', '--think-time', '20', '--seed', String(seed)];
  const args = [
    cli,
    'run',
    'jorge',
    '--base-url',
    url,
    ...load,
    '--formats',
    'json',
    '--quiet',
    '--out',
    out,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const folder = join(out, 'jorge');
  const [name] = readdirSync(out).includes('jorge')
    ? readdirSync(folder).filter((one) => one !== 'latest' && one !== 'latest.txt')
    : [];
  if (name === undefined)
    throw new Error(`a run ended with ${code} and without a record: ${errors.slice(-500)}`);
  return readRunRecord(join(folder, name, 'run.json'));
}

/** Resolves when the target answers. */
async function startSystem(networkMs: number): Promise<System> {
  const child = spawn(process.execPath, [cli, 'target', 'jorge', '--port', '0', '--json'], {
    env: { ...process.env, JORGE_NETWORK_MS: String(networkMs) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await firstUrl(child);
  return {
    url,
    async stop() {
      const closed = new Promise((resolve) => child.on('close', resolve));
      child.kill('SIGTERM');
      await closed;
    },
  };
}

function firstUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('close', (code) => reject(new Error(`the target ended with ${code}`)));
    child.stdout!.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /\{"url":"([^"]+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
}
