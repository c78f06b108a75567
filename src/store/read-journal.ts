// Reads the journal that a killed run left behind. recover.ts rebuilds the record from it.

import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import { isRunning } from '../parts/end-process.ts';
import { wallClock } from '../time/clock.ts';
import { journalFileName } from './journal.ts';
import { decodeEntry, type JournalEntry, journalVersion, type RunEntry } from './journal-entries.ts';

/** What is wrong with a journal; both are 0 in one that only stops somewhere. */
export interface JournalDamage {
  /** Entries in its middle that cannot be read or are gone. */
  lostEntryCount: number;
  /** Bytes at its end that are no whole entry: the one that was being written. */
  tornBytes: number;
}

export interface JournalReader {
  readonly run: RunEntry;
  /** Complete once `entries` has ended. */
  readonly damage: Readonly<JournalDamage>;
  /** What follows the first entry, in the order of writing; damaged entries are left out. */
  readonly entries: AsyncIterable<JournalEntry>;
}

/** Without a process to ask, a journal that changed within this time is one that is being written. */
const freshMs = 60_000;

/**
 * Opens the journal in a run's folder; `undefined` when there is none. Throws a `UsageError` when its run is still
 * going on, when it was written by another version, or when its first entry, which holds the plan, is damaged.
 */
export async function readJournal(runDir: string): Promise<JournalReader | undefined> {
  const path = join(runDir, journalFileName);
  const damage: JournalDamage = { lostEntryCount: 0, tornBytes: 0 };
  const changedAt = await changeTime(path);
  if (changedAt === undefined) return undefined;
  const entries = readEntries(path, damage);
  try {
    const first = await entries.next();
    if (first.done === true || first.value.kind !== 'run') {
      throw new UsageError(`${path} cannot be used: its first entry, which holds the plan, is damaged`, {
        hint: 'nothing can be recovered of this run; run.log tells what happened in it',
      });
    }
    const run = first.value;
    assertKnownVersion(path, run);
    await assertPlanFits(path, run);
    assertEnded(path, run, changedAt);
    return { run, damage, entries };
  } catch (thrown) {
    // Closes the file.
    await entries.return();
    throw thrown;
  }
}

function assertKnownVersion(path: string, { version, environment }: RunEntry): void {
  if (version === journalVersion) return;
  throw new UsageError(
    `${path} has version ${JSON.stringify(version)}, this Plimsoll reads version ${journalVersion}`,
    { hint: `recover it with Plimsoll ${environment.plimsoll}, which wrote it` },
  );
}

async function changeTime(path: string): Promise<Date | undefined> {
  try {
    const file = await open(path);
    try {
      return (await file.stat()).mtime;
    } finally {
      await file.close();
    }
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read ${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

async function assertPlanFits(path: string, { plan, environment }: RunEntry): Promise<void> {
  const { planSchema } = await import('./plan-schema.ts');
  if (planSchema.safeParse(plan).success) return;
  throw new UsageError(`${path} holds a plan that this Plimsoll does not know`, {
    hint: `recover it with Plimsoll ${environment.plimsoll}, which wrote it`,
  });
}

function assertEnded(path: string, { writer }: RunEntry, changedAt: Date): void {
  const here = writer.host === hostname();
  const ageMs = wallClock().getTime() - changedAt.getTime();
  const running =
    here && writer.startTicks !== null ? isRunning(writer) : ageMs < freshMs && mayRun(writer, here);
  if (!running) return;
  throw new UsageError(`the run is still going on: process ${writer.pid} on ${writer.host} writes ${path}`, {
    hint: 'wait for its end, or interrupt it with Ctrl-C: then it writes its record itself',
  });
}

function mayRun(writer: RunEntry['writer'], here: boolean): boolean {
  return here ? isRunning(writer) : true;
}

/** Reads line by line, so that memory does not grow with the journal. */
async function* readEntries(path: string, damage: JournalDamage): AsyncGenerator<JournalEntry, void> {
  let expected = 0;
  let damaged = false;
  for await (const { line, isWhole } of readLines(path)) {
    const decoded = isWhole ? decodeEntry(line) : undefined;
    if (decoded === undefined) {
      damage.tornBytes += Buffer.byteLength(line);
      damaged = true;
      continue;
    }
    if (damaged || decoded.sequence > expected) {
      // What follows is sound, so this was no torn end.
      damage.lostEntryCount += Math.max(decoded.sequence - expected, 0);
      damage.tornBytes = 0;
      damaged = false;
    }
    expected = Math.max(expected, decoded.sequence + 1);
    yield decoded.entry;
  }
}

/** Lines without their line breaks. Node's own reader does not tell whether the last one had one. */
async function* readLines(path: string): AsyncGenerator<{ line: string; isWhole: boolean }, void> {
  const file = await open(path);
  let parts: Buffer[] = [];
  for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
      parts = [];
      start = end + 1;
      yield { line, isWhole: true };
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  if (parts.length > 0) yield { line: Buffer.concat(parts).toString(), isWhole: false };
}
