// Reads the journal that a killed run left behind. run/recover.ts rebuilds the record from it.

import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import { isRunning } from '../system/end-process.ts';
import { wallClock } from '../time/clock.ts';
import { asShown } from './foreign-json.ts';
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

/** No entry of a run comes near it. */
const maxLineBytes = 64 * 2 ** 20;
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
        hint: 'this run cannot be recovered; see run.log for what happened in it',
      });
    }
    const run = first.value;
    assertKnownVersion(path, run);
    await assertRunFits(path, run);
    assertEnded(path, run, changedAt);
    return { run, damage, entries };
  } catch (thrown) {
    // Closes the file.
    await entries.return();
    throw thrown;
  }
}

/** Of another version nothing more is known than that. */
function assertKnownVersion(path: string, { version, environment }: RunEntry): void {
  if (version === journalVersion) return;
  throw new UsageError(`${path} has version ${version}, this Plimsoll reads version ${journalVersion}`, {
    hint: `recover it with ${writerOf(environment)}`,
  });
}

function writerOf(environment: Partial<RunEntry['environment']> | undefined): string {
  const version = environment?.plimsoll;
  return typeof version === 'string'
    ? `Plimsoll ${version}, which wrote it`
    : 'the version of Plimsoll that wrote it';
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

async function assertRunFits(path: string, run: RunEntry): Promise<void> {
  const [{ planSchema }, { runEntrySchema }] = await Promise.all([
    import('./plan-schema.ts'),
    import('./journal-schemas.ts'),
  ]);
  const { kind: _kind, ...fields } = asShown(run) as RunEntry;
  if (!runEntrySchema.safeParse(fields).success)
    throw malformed(path, 1, 'it does not say what the first one must');
  const { plan, environment } = fields;
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
  const { isEntry } = await import('./journal-schemas.ts');
  let expected = 0;
  let damaged = false;
  let lineNumber = 0;
  for await (const { line, isWhole } of readLines(path)) {
    lineNumber++;
    const decoded = isWhole ? decode(path, line, lineNumber, isEntry) : undefined;
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

/** The checksum of a line that was damaged does not fit. One that fits, and makes no sense, was made by others. */
function decode(
  path: string,
  line: string,
  lineNumber: number,
  isEntry: (kind: string, value: unknown) => boolean,
): ReturnType<typeof decodeEntry> {
  try {
    return decodeEntry(line, isEntry);
  } catch (thrown) {
    throw malformed(path, lineNumber, messageOf(thrown));
  }
}

function malformed(path: string, lineNumber: number, what: string): UsageError {
  return new UsageError(`${path} cannot be used: line ${lineNumber} is not a journal entry (${what})`, {
    hint: 'its checksum is right, so no accident damaged it; only a journal as `plimsoll run` wrote it can be read',
  });
}

/** Lines without their line breaks. Node's own reader does not tell whether the last one had one. */
async function* readLines(path: string): AsyncGenerator<{ line: string; isWhole: boolean }, void> {
  const file = await open(path);
  try {
    let parts: Buffer[] = [];
    let partBytes = 0;
    for await (const chunk of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...parts, chunk.subarray(start, end)]).toString();
        parts = [];
        partBytes = 0;
        start = end + 1;
        yield { line, isWhole: true };
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
      partBytes += chunk.length - start;
      if (partBytes > maxLineBytes) {
        throw new UsageError(
          `${path} cannot be used: it has a line of more than ${maxLineBytes / 2 ** 20} MB`,
          { hint: 'only a journal as `plimsoll run` wrote it can be read' },
        );
      }
    }
    if (parts.length > 0) yield { line: Buffer.concat(parts).toString(), isWhole: false };
  } finally {
    await file.close();
  }
}
