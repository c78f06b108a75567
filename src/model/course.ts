// What became of the profiles of one command, and of all of them together.

import type { Verdict, VerdictStatus } from './verdict.ts';

/** The figures of one run that are shown beside those of others. Times in ms, rates per second, shares 0..1. */
export interface CourseFigures {
  readonly runId: string;
  /** Of its results. */
  readonly folder: string;
  readonly durationMs: number;
  /** What it sent, or its iterations: `requests`. */
  readonly nouns: string;
  readonly count: number;
  readonly perSec: number;
  readonly peakPerSec: number | null;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Response times as an encoded histogram in base64; `null` where nothing was measured. */
  readonly histogram: string | null;
  /** Where the target broke, or the capacity that was found, in a sentence. */
  readonly breakingPoint: string | null;
}

export interface CourseEntry {
  readonly profile: string;
  readonly status: VerdictStatus | 'not-run';
  /** It is inconclusive for no other reason than that it was compressed. */
  readonly isHeldShorter?: true;
  /** Of the verdict, or why it was not run; never empty. */
  readonly reasons: readonly string[];
  /** Absent for what was not run. */
  readonly figures?: CourseFigures;
}

export interface Course {
  readonly suite: string;
  readonly environment: string;
  readonly target: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** What `--compress` asked for; the factor of a run may be smaller. */
  readonly compressed?: number;
  /** One for each run, and for each profile that was not run, in order. */
  readonly entries: readonly CourseEntry[];
  readonly verdict: Verdict;
}
