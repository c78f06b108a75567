// What the benches http, tls and connections share: clients as fast as answers come, compared round by round.

import type { Column } from '../src/report/text/text-table.ts';
import { left, right, type Work } from './bench.ts';
import type { Client, Figures, Load } from './clients/client.ts';
import { plimsoll } from './clients/plimsoll.ts';
import { clientCore } from './processes.ts';
import { inRounds, type Measured, medianOf, rangeOf, ratioOf } from './rounds.ts';
import type { BenchServer } from './server.ts';

export interface ClosedLoopRound extends Figures {
  /** Share of its core that the server used while it was loaded. */
  readonly serverBusyRatio: number;
}

export type Row = Measured<ClosedLoopRound>;

export interface Entry {
  /** The client's own name when absent. */
  readonly name?: string;
  readonly client: Client;
  readonly load: Omit<Load, 'core' | 'seconds'>;
}

/** Measures every entry once in every round, on the client core. */
export function measureClosedLoop(
  entries: readonly Entry[],
  server: BenchServer,
  { settings: { rounds, seconds }, processes, say }: Work,
): Promise<Row[]> {
  const contenders = entries.map(({ name, client, load }) => ({
    name: name ?? client.name,
    note: client.note,
    isPeer: client !== plimsoll,
    async measure() {
      const before = server.cpuMs();
      const figures = await client.run({ ...load, seconds, core: clientCore }, processes);
      return { ...figures, serverBusyRatio: (server.cpuMs() - before) / (seconds * 1000) };
    },
  }));
  return inRounds(contenders, rounds, say);
}

export const rate = ({ requestsPerSec }: Figures): number => requestsPerSec;
export const cpu = ({ cpuUsPerRequest }: Figures): number => cpuUsPerRequest;

export const closedLoopColumns: readonly Column[] = [
  left('client'),
  right('requests/s'),
  right('(range)'),
  right('CPU/request'),
  right('of workers'),
  right('server busy'),
  right('its rate is'),
  right('its CPU is'),
  left(''),
];

/** One line per row; the last ratios are those of the first row to each. */
export function closedLoopLines(rows: readonly Row[]): string[][] {
  const own = rows[0]!;
  return rows.map((row) => {
    const [least, most] = rangeOf(row, rate);
    const isWorkerCpuKnown = row.rounds.every((round) => round.workerCpuUsPerRequest !== undefined);
    return [
      row.name,
      whole(medianOf(row, rate)),
      `(${whole(least)} - ${whole(most)})`,
      `${medianOf(row, cpu).toFixed(2)} us`,
      isWorkerCpuKnown ? `${medianOf(row, (round) => round.workerCpuUsPerRequest!).toFixed(2)} us` : '',
      `${(medianOf(row, (round) => round.serverBusyRatio) * 100).toFixed(0)} %`,
      row === own ? '' : `${ratioOf(own, row, rate)!.toFixed(2)} x`,
      row === own ? '' : `${ratioOf(own, row, cpu)!.toFixed(2)} x`,
      row.note,
    ];
  });
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

/** A sentence for every row with failures: its figures are of something else than answered requests. */
function failureNotes(rows: readonly Row[]): string[] {
  return rows.flatMap(({ name, rounds }) => {
    const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
    return failed === 0 ? [] : [`${failed} requests of ${name} failed, so its figures are not to be used.`];
  });
}

/** The sentence on the first row's ratios, and failures if any. */
export function closedLoopNotes(rows: readonly Row[]): string[] {
  return [
    `"Its rate is" and "its CPU is" are those of ${rows[0]!.name} divided by the row's, as the median of same-round ratios.`,
    ...failureNotes(rows),
  ];
}
