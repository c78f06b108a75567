// Results on disk: one JSON file per bench and time, with the machine that they are true of.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageVersion } from '../src/model/version.ts';
import type { Bench, Findings, Settings } from './bench.ts';
import { outcomeOf } from './floors.ts';
import { canPin } from './processes.ts';

export interface Machine {
  readonly cpu: string | undefined;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly plimsoll: string;
  readonly pinned: boolean;
  /** Runnable processes, mean of the last minute, before anything was measured: a quiet machine is near 0. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    plimsoll: packageVersion,
    pinned: canPin,
    loadBefore: loadavg()[0] ?? 0,
  };
}

const folder = fileURLToPath(new URL('./results/', import.meta.url));

/** Writes what a bench found and returns the path. `at` is the time at which all benches were started. */
export function keepFindings(
  { name, shows }: Bench,
  { rounds, seconds }: Pick<Settings, 'rounds' | 'seconds'>,
  { setup, floors, notes, data }: Findings,
  machine: Machine,
  at: Date,
): string {
  mkdirSync(folder, { recursive: true });
  const date = at.toISOString();
  const judged = floors.map((floor) => ({ ...floor, outcome: outcomeOf(floor) }));
  const result = { bench: name, shows, date, machine, setup, rounds, seconds, floors: judged, notes, data };
  const file = join(folder, `${name}-${date.slice(0, 19).replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
