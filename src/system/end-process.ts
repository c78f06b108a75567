// Ends one process by its id, gently first and firmly later. Called by whoever started it, and by the guardian.

import { readFileSync } from 'node:fs';
import { monotonicMs } from '../time/clock.ts';
import { delay } from '../time/timer.ts';

/** Signals in the order they are sent, each with how long the process may then take. */
export type EndSteps = readonly { readonly signal: NodeJS.Signals; readonly waitMs: number }[];

/** A process, told apart from a later one with the same id by its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as /proc tells; `null` where there is no /proc. */
  readonly startTicks: string | null;
}

/** Who is running under `pid` now. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: readStat(pid)?.startTicks ?? null };
}

/** True while that very process runs; a zombie that nobody has reaped counts as ended. */
export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it exists and belongs to another account.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = readStat(identity.pid);
  if (stat === undefined) return true;
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return identity.startTicks === null || identity.startTicks === stat.startTicks;
}

/** Sends each signal in turn until the process has ended. Resolves with whether it has. */
export async function endProcess(identity: ProcessIdentity, steps: EndSteps): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isRunning(identity)) return true;
    try {
      process.kill(identity.pid, signal);
    } catch {
      // It ended in between, or is not ours; the check below tells which.
    }
    const giveUpAtMs = monotonicMs() + waitMs;
    while (isRunning(identity) && monotonicMs() < giveUpAtMs) await delay(10);
  }
  return !isRunning(identity);
}

/** Field 3 (state) and field 22 (start time) of /proc/<pid>/stat. Source: proc(5). */
function readStat(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in field 2 may hold blanks and brackets: fields count from its last bracket.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
