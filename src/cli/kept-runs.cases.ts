// A folder of simulated runs, and what a command prints about it. Used by the tests of `compare` and `baseline`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';

export interface KeptRuns {
  /** Made for each test, and removed after it. */
  readonly folder: string;
  /** What went to standard output; a test may empty it. */
  printed: string;
  /** Writes records as runs of one side, and gives its folder. */
  keep(side: string, records: readonly RunRecord[]): string;
}

/** Sets up each test of the file. */
export function keptRuns(): KeptRuns {
  let folder = '';
  const kept: KeptRuns = {
    get folder() {
      return folder;
    },
    printed: '',
    keep(side, records) {
      for (const record of records) {
        const runDir = join(folder, side, record.suite, `${record.profile}-${record.id}`);
        mkdirSync(runDir, { recursive: true });
        writeFileSync(join(runDir, 'run.json'), JSON.stringify(record));
      }
      return join(folder, side);
    },
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-runs-'));
    kept.printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      kept.printed += text;
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });
  return kept;
}

/** The message of the `UsageError` that a command ends with. */
export async function refusalOf(work: Promise<number>): Promise<string> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UsageError);
  return (thrown as UsageError).message;
}
