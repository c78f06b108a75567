// Finds the process to watch by its port, id, PID file or name. Called for every reading by ../process.ts; what was
// found before is verified at the cost of a few small files, and searched for only when it no longer holds.

import { readFileSync } from 'node:fs';
import type { SourceOf } from '../../model/monitor-settings.ts';
import { findListeners } from './listening.ts';
import type { Identity, Proc, ProcessStat } from './proc.ts';

export interface Found {
  readonly process: ProcessStat;
  /** Further processes that match and are no relations of the one found. */
  readonly others: readonly number[];
  /** The descriptor by which a process listens on the port, and what it leads to. */
  readonly listensBy?: { readonly descriptor: string; readonly socket: string };
}

/** Processes looked into between two turns of the event loop, so that a search stops nothing else for long. */
const perTurn = 20;

export class Finder {
  readonly #proc: Proc;
  readonly #source: SourceOf<'process'>;
  readonly #ownPid: number;
  #found: Found | undefined;

  constructor(proc: Proc, source: SourceOf<'process'>, ownPid: number) {
    this.#proc = proc;
    this.#source = source;
    this.#ownPid = ownPid;
  }

  /**
   * The process as it stands now. Rejects with what was looked for when there is none. `others` are told by the search
   * that found it and empty later.
   */
  async find(signal: AbortSignal): Promise<Found> {
    const known = this.#verify();
    if (known !== undefined) return known;
    this.#found = undefined;
    if (this.#proc.pids().length === 0) {
      throw new Error('processes can be watched on Linux only: there is no /proc here');
    }
    this.#found = await this.#search(signal);
    return this.#found;
  }

  /** What was found before, if it is still that and still holds. */
  #verify(): Found | undefined {
    const found = this.#found;
    if (found === undefined) return undefined;
    const process = this.#alive(found.process.pid);
    if (process?.startTicks !== found.process.startTicks) return undefined;
    const { listensBy } = found;
    if (
      listensBy !== undefined &&
      this.#proc.descriptor(process.pid, listensBy.descriptor) !== listensBy.socket
    ) {
      return undefined;
    }
    if (this.#source.pidFile !== undefined) {
      // The file goes first when a process ends in order: then it is watched to its end.
      const pid = readPidFile(this.#source.pidFile);
      if (typeof pid === 'number' && pid !== process.pid) return undefined;
    }
    return { ...found, process, others: [] };
  }

  #search(signal: AbortSignal): Promise<Found> | Found {
    const { port, pid, pidFile, name } = this.#source;
    if (pid !== undefined) return this.#byPid(pid, `no process has the id ${pid}`);
    if (pidFile !== undefined) {
      const pidInFile = readPidFile(pidFile);
      if (typeof pidInFile === 'string') throw new Error(pidInFile);
      return this.#byPid(
        pidInFile,
        `the PID file ${pidFile} names process ${pidInFile}, which does not exist`,
      );
    }
    if (port !== undefined) return this.#byPort(port, signal);
    if (name !== undefined) return this.#byName(name, signal);
    throw new Error('the monitor has no setting that says which process to watch');
  }

  #byPid(pid: number, otherwise: string): Found {
    const process = this.#alive(pid);
    if (process === undefined) throw new Error(otherwise);
    return { process, others: [] };
  }

  async #byPort(port: number, signal: AbortSignal): Promise<Found> {
    const sockets = findListeners(this.#proc.root, port);
    if (sockets.size === 0) throw new Error(`no process listens on port ${port}`);
    const listensBy = new Map<number, NonNullable<Found['listensBy']>>();
    const holders = await this.#filter(signal, ({ pid }) => {
      for (const descriptor of this.#proc.descriptors(pid) ?? []) {
        const socket = this.#proc.descriptor(pid, descriptor);
        if (socket === undefined || !sockets.has(socket)) continue;
        listensBy.set(pid, { descriptor, socket });
        return true;
      }
      return false;
    });
    // A service manager may hold the socket of a service that it starts on demand.
    const services = holders.filter(({ pid }) => pid !== 1);
    const { process, others } = this.#oldest(services.length > 0 ? services : holders) ?? {};
    if (process === undefined || others === undefined) {
      throw new Error(
        `something listens on port ${port}, but not which process: that takes the rights of its account, or root`,
      );
    }
    return { process, others, listensBy: listensBy.get(process.pid)! };
  }

  async #byName(name: string, signal: AbortSignal): Promise<Found> {
    // Whoever started this process may well have the name in its command line.
    const starters = new Set([this.#ownPid, ...this.#ancestorsOf(this.#ownPid)]);
    const matches = await this.#filter(signal, ({ pid, command }) => {
      if (starters.has(pid)) return false;
      if (command === name) return true;
      const words = this.#proc.commandLine(pid);
      return words[0]?.slice(words[0].lastIndexOf('/') + 1) === name || words.join(' ').includes(name);
    });
    // The workers of this process are the last ones meant.
    const foreign = matches.filter(({ pid }) => !this.#ancestorsOf(pid).includes(this.#ownPid));
    const found = this.#oldest(foreign.length > 0 ? foreign : matches);
    if (found === undefined) throw new Error(`no process is called ${name} or has that in its command line`);
    return found;
  }

  /** The processes that match, looked into a few at a time. */
  async #filter(signal: AbortSignal, matches: (process: ProcessStat) => boolean): Promise<ProcessStat[]> {
    const found: ProcessStat[] = [];
    for (const [index, pid] of this.#proc.pids().entries()) {
      if (index % perTurn === perTurn - 1) {
        await new Promise(setImmediate);
        signal.throwIfAborted();
      }
      const process = this.#alive(pid);
      if (process !== undefined && matches(process)) found.push(process);
    }
    return found;
  }

  /** The oldest of those that descend from no other of them. */
  #oldest(matches: readonly ProcessStat[]): Found | undefined {
    const pids = new Set(matches.map(({ pid }) => pid));
    const [process, ...others] = matches
      .filter(({ pid }) => !this.#ancestorsOf(pid).some((ancestor) => pids.has(ancestor)))
      .sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
    return process === undefined ? undefined : { process, others: others.map(({ pid }) => pid) };
  }

  /** From the parent upwards. */
  #ancestorsOf(pid: number): number[] {
    const ancestors: number[] = [];
    for (let at = this.#proc.stat(pid)?.parentPid ?? 0; at > 0 && !ancestors.includes(at); ) {
      ancestors.push(at);
      at = this.#proc.stat(at)?.parentPid ?? 0;
    }
    return ancestors;
  }

  #alive(pid: number): ProcessStat | undefined {
    const process = this.#proc.stat(pid);
    return process === undefined || process.zombie ? undefined : process;
  }
}

/** The id in a PID file, or a sentence that says why there is none. */
function readPidFile(file: string): number | string {
  try {
    // PostgreSQL's file has more lines behind the first.
    const pid = /^\s*(\d+)\s*(\n|$)/.exec(readFileSync(file, 'utf8'))?.[1];
    return pid === undefined ? `the PID file ${file} does not begin with a process id` : Number(pid);
  } catch (error) {
    return `the PID file ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`;
  }
}

export function isSame(a: Identity, b: Identity | undefined): boolean {
  return a.pid === b?.pid && a.startTicks === b.startTicks;
}
