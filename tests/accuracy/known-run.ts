// Runs a profile of the accuracy suite against a server of known service times, in a process of its own each.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { readRun, startProfile } from '../profile-run.ts';

export interface KnownRun {
  readonly code: number | null;
  readonly output: string;
  readonly record: RunRecord;
  /** What the server measured, ms per request, in order of answers. */
  readonly serverLogMs: readonly number[];
  /** What the suite's own code noted, for profiles whose users do. */
  readonly notes: readonly Note[];
}

/** One request as the client measured it, and as the server did. */
interface Note {
  readonly durationMs: number;
  readonly tookMs: number;
}

/** Starts the server `kind`, drives `profile` against it, and ends both. */
export async function measure(profile: string, kind: string = profile): Promise<KnownRun> {
  const script = fileURLToPath(new URL('./known-server.mjs', import.meta.url));
  const server = spawn(process.execPath, [script, kind], { stdio: ['ignore', 'pipe', 'inherit'] });
  const outDir = mkdtempSync(join(tmpdir(), 'plimsoll-accuracy-'));
  try {
    const [port] = (await once(server.stdout, 'data')) as [Buffer];
    const url = `http://127.0.0.1:${port.toString().trim()}`;
    const notesFile = join(outDir, 'notes');
    const options = { url, outDir, env: { NOTES_FILE: notesFile }, args: ['--workers', '1'] };
    const result = await startProfile('accuracy', profile, options).done;
    const { record } = readRun(outDir, 'accuracy', result);
    const log = await fetch(`${url}/log`);
    const serverLogMs = (await log.json()) as number[];
    const output = result.stdout + result.stderr;
    return { code: result.code, output, record, serverLogMs, notes: readNotes(notesFile) };
  } finally {
    server.kill();
    rmSync(outDir, { recursive: true, force: true });
  }
}

function readNotes(file: string): Note[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [durationMs, tookMs] = line.split(' ').map(Number);
    return { durationMs: durationMs!, tookMs: tookMs! };
  });
}

/** A percentile (0..100) of values in any order, by the rule of k6: linear between neighbours. */
export function percentileOf(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (p / 100) * (sorted.length - 1);
  const lower = sorted[Math.floor(position)]!;
  return lower + (sorted[Math.ceil(position)]! - lower) * (position % 1);
}

/** One figure of a trend: `med`, `p(95)`, or a percentile that only a threshold asks for. */
export function trendFigure(record: RunRecord, series: string, figure: string): number {
  const entry = record.metrics[series];
  const values: Readonly<Record<string, number>> = { ...entry?.values };
  const asked = Object.entries(entry?.thresholds ?? {}).find(([expression]) =>
    expression.startsWith(`${figure}<`),
  );
  const value = values[figure] ?? asked?.[1].actual;
  if (value === undefined || value === null) throw new Error(`${series} has no ${figure}`);
  return value;
}
