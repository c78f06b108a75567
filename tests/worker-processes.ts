// The worker processes of a run. Used by the tests that kill them.

import { execFileSync } from 'node:child_process';

/** Process ids, the oldest first; `pid` is the coordinator's. */
export function workersOf(pid: number): number[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,args='])
    .toString()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && /worker\.[jt]s( |$)/.test(args.join(' ')))
    .map(([worker]) => Number(worker));
}
