// The run's diary, run.log: one JSON object a line. Called by run.ts for everything worth telling later.

import { closeSync, openSync, writeSync } from 'node:fs';
import { wallClock } from '../time/clock.ts';
import { maskSecrets } from './mask-secrets.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface RunLog {
  /** Appends one line. Never throws: a full disk costs the log, not the run. */
  write(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
  close(): void;
}

/**
 * Opens a log for appending. Lines hold `time` (ISO 8601, UTC), `level`, `message` and the given fields,
 * secrets masked. Each line is handed to the system at once, so a crash loses nothing.
 */
export function createRunLog(path: string): RunLog {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'a');
  } catch {
    descriptor = undefined;
  }
  return {
    write(level, message, fields) {
      if (descriptor === undefined) return;
      try {
        writeSync(descriptor, `${maskSecrets(line(level, message, fields))}\n`);
      } catch {
        // Losing a line is the lesser harm.
      }
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
    return JSON.stringify({ ...fields, ...head }, plainValue);
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
