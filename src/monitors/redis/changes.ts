// What is told by comparing a reading with the one before: ratios over the time between them, slow commands and commands
// since the monitor began, and events. Called by ../redis.ts.

import { monotonicMs } from '../../time/clock.ts';
import type { Answers, SlowEntry } from './questions.ts';
import type { CommandTotals, ServerInfo } from './server-info.ts';

interface Look {
  readonly info: ServerInfo;
  readonly atMs: number;
}

/** Memory counts as full from the limit on, and as no longer full below this share of it. */
const relievedRatio = 0.95;

export class Changes {
  #last: Look | null = null;
  /** The look since which CPU time is counted. */
  #cpuBase: Look | null = null;
  readonly #leastSpanMs: number;
  #full = false;
  #hitRatio: number | undefined;
  #cpuRatio: number | undefined;
  readonly #gains = new Map<string, CommandTotals>();
  readonly #slow = new SlowCount();

  constructor(leastSpanMs: number) {
    this.#leastSpanMs = leastSpanMs;
  }

  /** Returns what happened, a sentence each. */
  see({ info, slow }: Answers): readonly string[] {
    const now: Look = { info, atMs: monotonicMs() };
    const last = this.#last;
    this.#last = now;
    const runId = info.text('run_id');
    const restarted = last !== null && runId !== last.info.text('run_id');
    const events = restarted ? ['the server was restarted'] : [];
    if (restarted) this.#slow.restarted();
    if (slow !== null) this.#slow.see(slow.entries, slow.length);
    this.#hitRatio = undefined;
    this.#cpuRatio = undefined;
    this.#seeCpu(now, restarted);
    if (last !== null) {
      if (!restarted && fell(last.info, info)) events.push('the statistics of the server were reset');
      this.#hitRatio = hitRatio(last.info, info);
      this.#addCommands(last.info, info);
    }
    if (this.#fills(info, last?.info ?? info)) {
      events.push('memory has reached maxmemory, and the policy is noeviction: the server refuses to write');
    }
    return events;
  }

  #seeCpu(now: Look, restarted: boolean): void {
    const base = this.#cpuBase;
    if (base === null || restarted) this.#cpuBase = now;
    else if (now.atMs - base.atMs >= this.#leastSpanMs) {
      this.#cpuRatio = cpuRatio(base, now);
      this.#cpuBase = now;
    }
  }

  #addCommands(last: ServerInfo, now: ServerInfo): void {
    if (last.commands === null || now.commands === null) return;
    for (const [command, { calls, us }] of now.commands) {
      const before = last.commands.get(command);
      // Fewer calls than before: they are counted anew.
      const base = before !== undefined && before.calls <= calls ? before : { calls: 0, us: 0 };
      if (calls === base.calls) continue;
      const gain = this.#gains.get(command) ?? { calls: 0, us: 0 };
      this.#gains.set(command, { calls: gain.calls + calls - base.calls, us: gain.us + us - base.us });
    }
  }

  /**
   * True once when the server has no memory left and will not make room. Then it stands at its limit or just below,
   * since the command that it refused has gone; so its refusals tell, too.
   */
  #fills(now: ServerInfo, last: ServerInfo): boolean {
    const limit = now.number('maxmemory') ?? 0;
    const used = (now.number('used_memory') ?? 0) - (now.number('mem_not_counted_for_evict') ?? 0);
    const refused = now.outOfMemory > last.outOfMemory;
    const was = this.#full;
    if (limit === 0 || now.text('maxmemory_policy') !== 'noeviction') this.#full = false;
    else if (used >= limit || refused) this.#full = true;
    else if (used < limit * relievedRatio) this.#full = false;
    return this.#full && !was;
  }

  /** Of keys looked up between the last two readings; `undefined` when there were none. */
  get hitRatio(): number | undefined {
    return this.#hitRatio;
  }

  get cpuRatio(): number | undefined {
    return this.#cpuRatio;
  }

  /** Since the first reading. */
  get slowCommands(): number {
    return this.#slow.count;
  }

  /** Since the first reading, by command. */
  get commands(): ReadonlyMap<string, CommandTotals> {
    return this.#gains;
  }
}

/** Counts entries of the slow log by their ids, which go on when the log is emptied; its length is bounded. */
class SlowCount {
  /** Id of the newest entry; `null` as long as the log has been empty. */
  #newest: number | null = null;
  #seen = false;
  #count = 0;

  /** A new process counts from 0. */
  restarted(): void {
    this.#newest = -1;
  }

  see(entries: readonly SlowEntry[], length: number): void {
    const newest = entries[0]?.id;
    if (newest !== undefined) {
      // A log that was empty may have been emptied, so that what its first id would have been is not known.
      if (this.#newest === null) this.#count += this.#seen ? length : 0;
      else this.#count += newest >= this.#newest ? newest - this.#newest : newest + 1;
      this.#newest = newest;
    }
    this.#seen = true;
  }

  get count(): number {
    return this.#count;
  }
}

/** What a field gained; all of it when it began again from 0. */
function gain(last: ServerInfo, now: ServerInfo, field: string): number | undefined {
  const before = last.number(field);
  const value = now.number(field);
  if (before === undefined || value === undefined) return undefined;
  return value >= before ? value - before : value;
}

function fell(last: ServerInfo, now: ServerInfo): boolean {
  return (now.number('total_commands_processed') ?? 0) < (last.number('total_commands_processed') ?? 0);
}

function hitRatio(last: ServerInfo, now: ServerInfo): number | undefined {
  const hits = gain(last, now, 'keyspace_hits') ?? 0;
  const misses = gain(last, now, 'keyspace_misses') ?? 0;
  return hits + misses > 0 ? hits / (hits + misses) : undefined;
}

/** By the server's clock where it tells it. */
function cpuRatio(last: Look, now: Look): number | undefined {
  const sys = gain(last.info, now.info, 'used_cpu_sys');
  const user = gain(last.info, now.info, 'used_cpu_user');
  const us = gain(last.info, now.info, 'server_time_usec') ?? (now.atMs - last.atMs) * 1000;
  return sys === undefined || user === undefined || us <= 0 ? undefined : ((sys + user) * 1e6) / us;
}
