// The tables that the monitor shows beside its figures. Called by ../redis.ts.

import type { MonitorTable } from '../../model/monitor.ts';
import { maskCommand } from './mask-command.ts';
import type { SlowEntry } from './questions.ts';
import type { CommandTotals } from './server-info.ts';

const shownCommands = 10;

/** `gains` by command, since the monitor began. */
export function commandStatistics(gains: ReadonlyMap<string, CommandTotals>): MonitorTable {
  const most = [...gains].sort(([, a], [, b]) => b.us - a.us).slice(0, shownCommands);
  return {
    name: 'command_statistics',
    title: 'Commands by the time they took since the monitor began',
    columns: [
      { title: 'command', unit: 'text' },
      { title: 'calls', unit: 'count' },
      { title: 'total', unit: 'ms' },
      { title: 'mean', unit: 'ms' },
    ],
    rows: most.map(([command, { calls, us }]) => [command, calls, us / 1000, us / 1000 / calls]),
  };
}

export function slowLog(entries: readonly SlowEntry[]): MonitorTable {
  return {
    name: 'slow_log',
    title: 'Newest entries of the slow log',
    columns: [
      { title: 'at', unit: 'text' },
      { title: 'took', unit: 'ms' },
      { title: 'command', unit: 'text' },
    ],
    rows: entries.map(({ ranAtEpochS, us, words }) => [
      new Date(ranAtEpochS * 1000).toISOString(),
      us / 1000,
      maskCommand(words),
    ]),
  };
}
