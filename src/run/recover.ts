// Rebuilds the record of a run whose coordinator was killed, from the journal it left: the windows go through the
// same collector and the same conclusions as in a live run. `plimsoll report` calls it.

import { maskData } from '../masking/mask.ts';
import { UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { asForeign } from '../store/foreign-data.ts';
import { type JournalReader, readJournal } from '../store/read-journal.ts';
import { conclude } from './conclude.ts';
import { describeMissing } from './describe-missing.ts';
import { recoverSearch } from './recover-search.ts';
import { createLoadReplay } from './replay-load.ts';

/**
 * The record of the run in `runDir`, or `undefined` when there is no journal. Throws a `UsageError` when the run is
 * still going on, when its journal cannot be used, or when nothing was measured.
 */
export async function recoverRecord(runDir: string): Promise<RunRecord | undefined> {
  const journal = await readJournal(runDir);
  if (journal === undefined) return undefined;
  return asForeign(`the journal in ${runDir}`, async () => {
    const record = await (journal.run.search === undefined ? recoverRun(journal) : recoverSearch(journal));
    if (record !== undefined) return record;
    const what = 'the run was killed before it had measured anything, so there is nothing to recover';
    throw new UsageError(what, { hint: 'run it again; see run.log for how far it came' });
  });
}

/** `undefined` when nothing was measured. */
async function recoverRun({ run, entries, damage }: JournalReader): Promise<RunRecord | undefined> {
  const { id, environment } = run;
  // A journal may come from anywhere.
  const plan = maskData(run.plan);
  const startedAt = new Date(run.startedAt);
  const replay = createLoadReplay(run.plan, startedAt);
  let skippedCount = 0;
  for await (const entry of entries) {
    replay.take(entry);
    if (entry.kind === 'skipped') skippedCount += entry.windowCount;
  }
  if (replay.isEmpty) return undefined;
  const { killed, untilMs, orphanCount, ...measured } = replay.finish();
  const { lostEntryCount } = damage;
  const { gaps } = measured;
  const missing = describeMissing({ killed, lostEntryCount, skippedCount, orphanCount, gaps });
  return conclude({ id, startedAt, environment: maskData(environment) }, plan, {
    ...measured,
    interrupted: killed || measured.interrupted,
    ...(run.yardstick !== undefined && { heldTo: { yardstick: maskData(run.yardstick), earlier: [] } }),
    // All that a run ever had to tell is there: only its reports were missing.
    ...((killed || missing.length > 0) && { recovery: { killed, untilMs, missing } }),
  });
}
