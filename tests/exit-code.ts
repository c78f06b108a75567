// What the exit code of a run may be where a test is about what the run did: its requests, rows, words and files. Other
// work on the machine may hold the generator up; a run then says so and ends with 5, which is right and no failure.

import type { RunRecord } from 'plimsoll';
import { expect } from 'vitest';
import type { CliResult } from './run-cli.ts';

/** `inconclusive` (src/model/errors.ts). */
const inconclusive = 5;

/** Whether the record says that the generator did not get enough of a processor. */
export function wasHeldUp({ generator }: RunRecord): boolean {
  return generator.reasons.some((reason) => /event loop|of a core|started late/.test(reason));
}

/** The reasons of the verdict in their order, without those of a generator that was held up. */
export function ownReasons(record: RunRecord): readonly string[] {
  const { verdict, generator } = record;
  if (!wasHeldUp(record)) return verdict.reasons;
  const caution = /^The load generator limited this run/;
  return verdict.reasons.filter((reason) => !generator.reasons.includes(reason) && !caution.test(reason));
}

/** The run ended with `expected`, or with 5 where its record says that the generator was held up. */
export function expectExit(run: CliResult & { readonly record: RunRecord }, expected: number): void {
  expect(run.code, `${run.stdout}\n${run.stderr}`).toBe(wasHeldUp(run.record) ? inconclusive : expected);
}

/** The run went to its end: with `expected`, or with 5. For runs whose record is not read. */
export function expectFinished(run: CliResult, expected = 0): void {
  expect([expected, inconclusive], `${run.stdout}\n${run.stderr}`).toContain(run.code);
}
