// The tables that the monitor shows beside its figures. Called by ../redis.ts.

import type { MonitorTable } from '../../model/monitor.ts';
import { maskCommand } from './mask-command.ts';
import type { SlowEntry } from './questions.ts';
import type { CommandTotals, ServerInfo } from './server-info.ts';

const shownCommands = 10;

/** What INFO says first of a server in trouble. */
const facts = [
  ['used_memory', 'memory, bytes'],
  ['used_memory_peak', 'most memory, bytes'],
  ['maxmemory', 'limit of memory, bytes (0: none)'],
  ['maxmemory_policy', 'what goes when it is full'],
  ['mem_fragmentation_ratio', 'fragmentation'],
  ['evicted_keys', 'keys evicted'],
  ['connected_clients', 'clients'],
  ['blocked_clients', 'clients that wait'],
  ['rejected_connections', 'connections refused'],
  ['instantaneous_ops_per_sec', 'commands per second'],
] as const;

export function serverFacts(info: ServerInfo): MonitorTable {
  const [hits, misses] = [info.number('keyspace_hits'), info.number('keyspace_misses')];
  const looked = (hits ?? 0) + (misses ?? 0);
  const told = facts.flatMap(([field, title]): string[][] => {
    const value = info.text(field);
    return value === undefined ? [] : [[title, value]];
  });
  const found = hits === undefined || looked === 0 ? [] : [['keys found, share', (hits / looked).toFixed(3)]];
  return {
    name: 'server_facts',
    title: 'Memory, clients and keys since the server started (INFO)',
    columns: [
      { title: 'what', unit: 'text' },
      { title: 'value', unit: 'text' },
    ],
    rows: [...told, ...found],
  };
}

/** `totals` by command, since the server started or its statistics were reset. */
export function commandsSinceStart(totals: ReadonlyMap<string, CommandTotals>): MonitorTable {
  return {
    ...commandStatistics(totals),
    name: 'commands_since_start',
    title: 'Commands by the time they took since the server started (commandstats)',
  };
}

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
