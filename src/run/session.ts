// What every kind of run owns from its first file to its last: id, folder, journal, log, and what runs beside it. A run of
// a profile, a search and a watch without load are short paths over one session.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { maskData, maskText } from '../masking/mask.ts';
import type { Yardstick } from '../model/baseline.ts';
import type { OutputTally } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import type { RunEnvironment } from '../model/run-record.ts';
import { packageVersion } from '../model/version.ts';
import { createJournal, type Journal } from '../store/journal.ts';
import type { SearchRulesEntry } from '../store/journal-entries.ts';
import { createRunDirectory } from '../store/run-directory.ts';
import { describeEnvironment } from '../store/run-environment.ts';
import { createRunLog, type LogLevel, type RunLog } from '../store/run-log.ts';
import { wallClock } from '../time/clock.ts';
import { createClosers } from './closers.ts';
import type { Companion } from './companion.ts';
import type { RunEvent } from './run-event.ts';

export interface SessionOptions {
  /** Masked: it is kept and shown. Of a search: the plan of its first step. */
  readonly plan: Plan;
  readonly outDir: string;
  readonly onEvent: (event: RunEvent) => void;
  /** Of a capacity search: what it was told. */
  readonly search?: SearchRulesEntry;
  /** What the run is going to be held to. */
  readonly yardstick?: Yardstick;
}

export interface Session {
  readonly id: string;
  readonly startedAt: Date;
  readonly runDir: string;
  readonly environment: RunEnvironment;
  readonly journal: Journal;
  readonly log: RunLog;
  readonly onEvent: (event: RunEvent) => void;
  /** Logs and shows a message. */
  tell(level: LogLevel, message: string): void;
  /** Companions of the whole session, in the order in which they joined. */
  readonly companions: readonly Companion[];
  /** Prepares a companion, which is closed with the session at the latest. Rejects as its `prepare` does. */
  join(companion: Companion): Promise<void>;
  /** What outputs tell when they have passed on all they will. */
  reportOutputs(tallies: readonly OutputTally[]): void;
  /** Lets companions end, and gives what they reported for the record. Call it when all is measured. */
  finish(): Promise<{ readonly outputs?: readonly OutputTally[] }>;
}

/**
 * Opens a session, does `work` in it, and closes whatever was opened, the last first: also when `work` throws. Throws
 * what `work` does, and a `UsageError` when the folder cannot be made.
 */
export async function inSession<Result>(
  options: SessionOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { plan, outDir, onEvent, search, yardstick } = options;
  const closers = createClosers();
  const id = randomBytes(8).toString('hex');
  const startedAt = wallClock();
  const { suite, profile } = plan;
  const runDir = await createRunDirectory({ outDir, suite, profile, startedAt, id });
  try {
    const environment = maskData(describeEnvironment(plan.environment, packageVersion));
    const journal = await createJournal(
      runDir,
      {
        ...{ id, startedAt: startedAt.toISOString(), environment, plan },
        ...(search !== undefined && { search }),
        ...(yardstick !== undefined && { yardstick }),
      },
      { warn: (message) => onEvent({ kind: 'log', level: 'warn', message }) },
    );
    closers.add(() => closeJournal(journal, plan));
    const log = createRunLog(join(runDir, 'run.log'));
    closers.add(() => log.close());
    const companions: Companion[] = [];
    let outputs: readonly OutputTally[] = [];
    const result = await work({
      ...{ id, startedAt, runDir, environment, journal, log, onEvent, companions },
      tell(level, unmasked) {
        const message = maskText(unmasked);
        log.write(level, message);
        onEvent({ kind: 'log', level, message });
      },
      async join(companion) {
        closers.add(() => companion.close());
        await companion.prepare();
        companions.push(companion);
      },
      reportOutputs(tallies) {
        outputs = tallies;
      },
      async finish() {
        for (const companion of companions.toReversed()) await companion.close();
        return outputs.length === 0 ? {} : { outputs };
      },
    });
    await closers.closeAll();
    return result;
  } catch (thrown) {
    // What `work` threw says more than what closing then throws.
    await closers.closeAll().catch(() => {});
    throw thrown;
  }
}

/** Without a record the journal is all there is; one that nothing was measured in says nothing. */
async function closeJournal(journal: Journal, { scenarios }: Plan): Promise<void> {
  if (journal.windowCount === 0 && scenarios.length > 0) await journal.remove();
  else await journal.close();
}
