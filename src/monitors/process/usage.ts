// What a family of processes has used since the last look, when members come and go in between. Used by ../process.ts.

import { isSame } from './find.ts';
import type { Identity } from './proc.ts';

/** Running totals of one process; those of its ended children are in them as far as the kernel puts them there. */
export interface Totals extends Identity {
  readonly parentPid: number;
  readonly fresh: boolean;
  readonly ownTicks: number;
  /** 0 where children do not count. */
  readonly endedTicks: number;
  /** `undefined` where we may not look, or of a process that has ended. */
  readonly readBytes: number | undefined;
  readonly writtenBytes: number | undefined;
}

export interface Gains {
  readonly cpuTicks: number;
  /** Since the first look, with what was there then; `undefined` when a member does not tell. */
  readonly readBytes: number | undefined;
  readonly writtenBytes: number | undefined;
}

/** What ended children had used when they were last seen, and what their ancestor's totals are about to hold. */
interface Debt {
  readonly ticks: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

const nothing: Debt = { ticks: 0, readBytes: 0, writtenBytes: 0 };

/**
 * When a child ends and its parent waits for it, the kernel adds the child's totals to the parent's. So a child's last
 * moments, and whole lives between two looks, are found in the parent; what was counted of the child before is taken off
 * again. That may come one look late: a child can end after its parent was read and before itself was.
 *
 * Bounds: a child that nobody waits for (its parent ignores SIGCHLD, or ended first) loses what it used after it was last
 * seen. Of bytes, own and children's are one number: such a child then hides up to its own bytes of its parent's. Nothing
 * is counted twice, save up to one tick of rounding per ended child.
 */
export class Usage {
  #before = new Map<number, Totals>();
  #debts = new Map<number, Debt>();
  readonly #sums = { readBytes: 0, writtenBytes: 0 };

  /** Takes in all members as they stand now. The first time, and of members that are not fresh, nothing is gained. */
  add(members: readonly Totals[]): Gains {
    const first = this.#before.size === 0;
    const now = new Map(members.map((member) => [member.pid, this.#completed(member)]));
    const newDebts = this.#debtsOfEnded(now);
    const carried = new Map<number, Debt>();
    let cpuTicks = 0;
    for (const member of now.values()) {
      const before = this.#beforeOf(member);
      const start = before ?? (member.fresh ? zeroOf(member) : member);
      const [old, recent] = [this.#debts.get(member.pid) ?? nothing, newDebts.get(member.pid) ?? nothing];
      const ended = settle(member.endedTicks - start.endedTicks, old.ticks, recent.ticks);
      const read = settle(difference(member, start, 'readBytes'), old.readBytes, recent.readBytes);
      const written = settle(
        difference(member, start, 'writtenBytes'),
        old.writtenBytes,
        recent.writtenBytes,
      );
      cpuTicks += Math.max(0, member.ownTicks - start.ownTicks) + ended.gain;
      this.#sums.readBytes += first ? (member.readBytes ?? 0) : read.gain;
      this.#sums.writtenBytes += first ? (member.writtenBytes ?? 0) : written.gain;
      const debt = { ticks: ended.left, readBytes: read.left, writtenBytes: written.left };
      if (debt.ticks + debt.readBytes + debt.writtenBytes > 0) carried.set(member.pid, debt);
    }
    this.#before = now;
    this.#debts = carried;
    const all = [...now.values()];
    return {
      cpuTicks,
      readBytes: all.every(({ readBytes }) => readBytes !== undefined) ? this.#sums.readBytes : undefined,
      writtenBytes: all.every(({ writtenBytes }) => writtenBytes !== undefined)
        ? this.#sums.writtenBytes
        : undefined,
    };
  }

  /** With the bytes seen before, where a process that has just ended tells none. */
  #completed(member: Totals): Totals {
    const before = this.#beforeOf(member);
    return {
      ...member,
      readBytes: member.readBytes ?? before?.readBytes,
      writtenBytes: member.writtenBytes ?? before?.writtenBytes,
    };
  }

  #beforeOf(member: Totals): Totals | undefined {
    const before = this.#before.get(member.pid);
    return before !== undefined && isSame(member, before) ? before : undefined;
  }

  /** By the nearest ancestor that lives. */
  #debtsOfEnded(now: ReadonlyMap<number, Totals>): Map<number, Debt> {
    const lives = (process: Totals): boolean => {
      const member = now.get(process.pid);
      return member !== undefined && isSame(member, process);
    };
    const debts = new Map<number, Debt>();
    for (const ended of this.#before.values()) {
      if (lives(ended)) continue;
      let ancestor = this.#before.get(ended.parentPid);
      while (ancestor !== undefined && !lives(ancestor)) ancestor = this.#before.get(ancestor.parentPid);
      if (ancestor === undefined) continue;
      const debt = debts.get(ancestor.pid) ?? nothing;
      debts.set(ancestor.pid, {
        ticks: debt.ticks + ended.ownTicks + ended.endedTicks,
        readBytes: debt.readBytes + (ended.readBytes ?? 0),
        writtenBytes: debt.writtenBytes + (ended.writtenBytes ?? 0),
      });
    }
    return debts;
  }
}

/** What remains of a difference after debts, the older ones first, and what of the recent debt is left for next time. */
function settle(
  difference: number,
  oldDebt: number,
  recentDebt: number,
): { readonly gain: number; readonly left: number } {
  const grown = Math.max(0, difference);
  const paid = Math.min(grown, oldDebt + recentDebt);
  return { gain: grown - paid, left: recentDebt - Math.max(0, paid - oldDebt) };
}

function difference(now: Totals, before: Totals, part: 'readBytes' | 'writtenBytes'): number {
  return (now[part] ?? 0) - (before[part] ?? now[part] ?? 0);
}

function zeroOf(member: Totals): Totals {
  return { ...member, ownTicks: 0, endedTicks: 0, readBytes: 0, writtenBytes: 0 };
}
