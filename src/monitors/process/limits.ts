// The limits of a process as its system has set them, and how much of each is in use. Called by ../process.ts when a run has
// gone badly. Source of the formats: proc(5), /proc/<pid>/limits and /proc/<pid>/status.

import type { MonitorTable } from '../../model/monitor.ts';
import type { Proc, ProcessStat } from './proc.ts';

/** By their names in /proc/<pid>/limits, those that processes under load run into. */
const shownLimits = [
  'Max open files',
  'Max processes',
  'Max address space',
  'Max resident set',
  'Max stack size',
  'Max locked memory',
  'Max pending signals',
] as const;

/** The soft limit as it is written, `unlimited` or a number with its unit; `undefined` where there is no such line. */
export function softLimit(limits: string, name: string): string | undefined {
  const line = limits.split('\n').find((one) => one.startsWith(`${name} `));
  const [soft, , unit] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  if (soft === undefined || soft === '') return undefined;
  return soft === 'unlimited' || unit === undefined ? soft : `${soft} ${unit}`;
}

export function limitsTable(proc: Proc, found: ProcessStat, pageBytes: number): MonitorTable {
  const { pid, threads, rssPages, command } = found;
  const limits = proc.text(pid, 'limits') ?? '';
  const openFiles = proc.openFiles(pid);
  const used: Readonly<Record<string, string | undefined>> = {
    'Max open files': openFiles === undefined ? undefined : `${openFiles} open`,
    'Max processes': `${threads} threads`,
    'Max resident set': `${rssPages * pageBytes} bytes`,
  };
  return {
    name: 'limits',
    title: `Limits of ${command} (process ${pid}), as ulimit shows them`,
    columns: ['limit', 'soft', 'in use'].map((title) => ({ title, unit: 'text' as const })),
    rows: shownLimits.flatMap((name) => {
      const soft = softLimit(limits, name);
      return soft === undefined ? [] : [[name, soft, used[name] ?? '']];
    }),
  };
}
