// A process and those that descend from it, found anew for every reading without reading all of /proc each time.
// Used by ../process.ts.

import { isSame } from './find.ts';
import type { Identity, Proc, ProcessStat } from './proc.ts';

export interface Member extends ProcessStat {
  /** Started since the last look, so that all it has used was used since then. */
  readonly fresh: boolean;
}

/** Looks from one reading of all processes to the next: known ones are not read again, save for their parents' sake. */
const looksPerRefresh = 12;

/**
 * Processes stay members as long as they live, also when the one that started them has ended and they were given another
 * parent.
 */
export class Family {
  readonly #proc: Proc;
  readonly #withChildren: boolean;
  readonly #sameCommand: boolean;
  /** Parents of all processes of the machine, by id. A new one is read once, its parent then seldom. */
  #parents = new Map<number, number>();
  #looks = 0;
  #members = new Map<number, Member>();

  /** With `sameCommand`, of children that run another program neither they nor theirs are members. */
  constructor(proc: Proc, withChildren: boolean, sameCommand = false) {
    this.#proc = proc;
    this.#withChildren = withChildren;
    this.#sameCommand = sameCommand;
  }

  /**
   * The family of `root`, parents before their children. Those that end meanwhile are left out.
   *
   * @param root as just read; another one than last time begins a new family.
   * @param rootIsFresh whether that other one started since the last look.
   */
  look(root: ProcessStat, rootIsFresh: boolean): Member[] {
    const before = this.#members.get(root.pid);
    const sameRoot = before !== undefined && isSame(root, before);
    const known = sameRoot ? this.#members : new Map<number, Member>();
    const members = new Map([[root.pid, { ...root, fresh: !sameRoot && rootIsFresh }]]);
    if (this.#withChildren) this.#addDescendants(root, members, known);
    this.#members = members;
    return [...members.values()];
  }

  #addDescendants(
    { command }: ProcessStat,
    members: Map<number, Member>,
    known: ReadonlyMap<number, Member>,
  ): void {
    const added = this.#refreshParents();
    const children = new Map<number, number[]>();
    for (const [pid, parent] of this.#parents) {
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [pid]);
      else siblings.push(pid);
    }
    const descend = (from: number): void => {
      const parents = [from];
      // An array that grows while it is walked is walked to its new end.
      for (const parent of parents) {
        for (const pid of children.get(parent) ?? []) {
          const child = members.has(pid) ? undefined : this.#child(pid, parent, known.get(pid), added);
          if (child === undefined || (this.#sameCommand && child.command !== command)) continue;
          members.set(pid, child);
          parents.push(pid);
        }
      }
    };
    for (const pid of [...members.keys()]) descend(pid);
    for (const orphan of known.values()) {
      const process = members.has(orphan.pid) ? undefined : this.#proc.stat(orphan.pid);
      if (process === undefined || !isSame(process, orphan)) continue;
      members.set(process.pid, { ...process, fresh: false });
      descend(process.pid);
    }
  }

  /** A process that the table says is a child of `parent`, if it is. */
  #child(
    pid: number,
    parent: number,
    before: Member | undefined,
    added: ReadonlySet<number>,
  ): Member | undefined {
    const process = this.#proc.stat(pid);
    // The table may be behind where ids are used again.
    if (process === undefined || (process.parentPid !== parent && !isSame(process, before))) return undefined;
    return { ...process, fresh: before === undefined ? added.has(pid) : !isSame(process, before) };
  }

  /** Brings the table of parents up to date. Answers with the ids that were not there at the last look. */
  #refreshParents(): ReadonlySet<number> {
    const first = this.#looks === 0;
    const all = this.#looks++ % looksPerRefresh === 0;
    const before = this.#parents;
    const added = new Set<number>();
    this.#parents = new Map();
    for (const pid of this.#proc.pids()) {
      const known = before.get(pid);
      if (known === undefined && !first) added.add(pid);
      const parent = known === undefined || all ? this.#proc.stat(pid)?.parentPid : known;
      if (parent !== undefined) this.#parents.set(pid, parent);
    }
    return added;
  }
}

/** What people are told of a process: `process 4711 (node)`. */
export function nameOf({ pid, command }: Identity & { readonly command: string }): string {
  return `process ${pid} (${command})`;
}
