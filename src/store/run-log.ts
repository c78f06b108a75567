// The run's diary, run.log: one JSON object a line. Called by run/session.ts and run/observe.ts for
// everything worth telling later.

import { closeSync, openSync, writeSync } from 'node:fs';
import { maskData, maskText } from '../masking/mask.ts';
import { messageOf } from '../model/errors.ts';
import { wallClock } from '../time/clock.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface RunLog {
  /** Appends one line. Never throws: a full disk costs the log, not the run. */
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Why lines are missing; `undefined` when none are. */
  readonly trouble: string | undefined;
  close(): void;
}

/**
 * Opens a log for appending. Lines hold `time` (ISO 8601, UTC), `level`, `message` and the given fields,
 * secrets masked. Each line is handed to the system at once, so a crash loses nothing.
 */
export function createRunLog(path: string): RunLog {
  let descriptor: number | undefined;
  let trouble: string | undefined;
  /** A line was cut off: the next one begins on a line of its own. */
  let cut = false;
  try {
    descriptor = openSync(path, 'a');
  } catch (thrown) {
    trouble = messageOf(thrown);
  }
  const append = (file: number, text: string): void => {
    const bytes = Buffer.from(text);
    let written = 0;
    try {
      // A disk with little room left takes a part, and refuses the rest.
      while (written < bytes.length) written += writeSync(file, bytes, written);
      cut = false;
    } catch (thrown) {
      // Losing a line is the lesser harm.
      trouble ??= messageOf(thrown);
      cut ||= written > 0;
    }
  };
  return {
    write(level, message, fields) {
      if (descriptor === undefined) return;
      append(descriptor, `${cut ? '\n' : ''}${line(level, maskText(message), fields)}\n`);
    },
    get trouble() {
      return trouble;
    },
    close() {
      if (descriptor === undefined) return;
      try {
        closeSync(descriptor);
      } catch {
        // The lines are written; a failing close changes nothing.
      }
      descriptor = undefined;
    },
  };
}

function line(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): string {
  const head = { time: wallClock().toISOString(), level, message };
  try {
    // By way of JSON, since what toJSON gives is what is written.
    const plain = JSON.parse(JSON.stringify({ ...fields }, plainValue)) as object;
    return JSON.stringify({ ...maskData(plain), ...head });
  } catch {
    // A cycle, or a toJSON that throws: the message still counts.
    return JSON.stringify({ ...head, fields: 'could not be written as JSON' });
  }
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return { name: value.name, message: value.message };
  return value;
}
