// What a process and all its descendants use, read from /proc. Linux only.

import { readdirSync, readFileSync } from 'node:fs';

/** /proc counts CPU time in ticks of 10 ms on every Linux that Node runs on. Source: proc(5), USER_HZ. */
const msPerTick = 10;

/** Whether this system tells about processes through /proc. */
export const canReadProcesses = readOrNothing('/proc/self/smaps_rollup') !== undefined;

export interface ProcessUse {
  readonly pid: number;
  readonly command: string;
  /** Resident memory, pages shared with other processes counted in full. */
  readonly rssBytes: number;
  /** Resident memory, each shared page divided by the number of processes that share it. */
  readonly pssBytes: number;
}

/** Memory of every descendant of `pid` that is alive, without `pid` itself. */
export function memoryBelow(pid: number): ProcessUse[] {
  return descendantsOf(pid).flatMap((descendant) => {
    const rollup = readOrNothing(`/proc/${descendant}/smaps_rollup`);
    const rssBytes = kilobytes(rollup, 'Rss');
    const pssBytes = kilobytes(rollup, 'Pss');
    // Gone in between, or a zombie, which has no memory.
    if (rssBytes === undefined || pssBytes === undefined) return [];
    const command = (readOrNothing(`/proc/${descendant}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
    return [{ pid: descendant, command, rssBytes, pssBytes }];
  });
}

/** CPU time of `pid` and its living descendants so far, user and system; 0 where there is no /proc. */
export function cpuMsOf(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, each) => sum + (statOf(each)?.cpuMs ?? 0), 0);
}

function descendantsOf(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of canReadProcesses ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(Number(name));
    if (stat === undefined) continue;
    const siblings = childrenOf.get(stat.parent);
    if (siblings === undefined) childrenOf.set(stat.parent, [Number(name)]);
    else siblings.push(Number(name));
  }
  const found: number[] = [];
  for (const queue = [pid]; queue.length > 0; ) {
    const children = childrenOf.get(queue.pop()!) ?? [];
    found.push(...children);
    queue.push(...children);
  }
  return found;
}

/** Fields 4 (parent), 14 and 15 (user and system time) of /proc/<pid>/stat. Source: proc(5). */
function statOf(pid: number): { readonly parent: number; readonly cpuMs: number } | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The command name in field 2 may hold blanks and brackets: fields count from its last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpuMs: (Number(fields[11]) + Number(fields[12])) * msPerTick };
}

function kilobytes(rollup: string | undefined, name: 'Rss' | 'Pss'): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(rollup ?? '');
  return found === null ? undefined : Number(found[1]) * 1024;
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
