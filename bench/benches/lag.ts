// How late scheduled starts are: 1,000 a second over about 10,000 connections, with the client confined to one core
// and then free to use all.

import type { Work } from '../bench.ts';
import { type Bench, left, right } from '../bench.ts';
import { runPlimsoll } from '../clients/plimsoll.ts';
import { atMost } from '../floors.ts';
import { canPin, clientCore, placement, serverCore } from '../processes.ts';
import { type Contender, inRounds, type Measured, medianOf } from '../rounds.ts';
import { type BenchServer, withServer } from '../server.ts';

interface LagRound {
  /** ms, as the run record has them: every start of the run. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly starts: number;
  readonly dropped: number;
  readonly failed: number;
  /** Most users at work at once, each with a connection of its own. */
  readonly connections: number;
}

export const lag: Bench = {
  name: 'lag',
  shows: 'how late 1,000 scheduled starts a second are, over 10,000 connections',
  rounds: 3,
  seconds: 25,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const contenders = canPin
        ? [
            starts('client on its core', clientCore, server, work),
            starts('client not pinned', undefined, server, work),
          ]
        : [starts('client not pinned', undefined, server, work)];
      const { rounds, seconds } = work.settings;
      const rows = await inRounds(contenders, rounds, work.say);
      const [first] = rows;
      return {
        setup: `1,000 starts/s to ${server.name}; ${canPin ? `server on core ${serverCore}, client core ${clientCore}` : placement}; medians of ${rounds} rounds of ${seconds} s`,
        columns: [
          left('client'),
          right('late p50'),
          right('late p99'),
          right('late max'),
          right('starts'),
          right('dropped'),
          right('connections'),
        ],
        rows: rows.map(lineOf),
        floors: [
          atMost({
            figure: `starts late at p50, ${first!.name}`,
            limit: 0.3,
            unit: 'ms',
            measured: medianOf(first!, ({ p50 }) => p50),
          }),
          atMost({
            figure: `starts late at p99, ${first!.name}`,
            limit: 2,
            unit: 'ms',
            measured: medianOf(first!, ({ p99 }) => p99),
          }),
        ],
        notes: [
          'Lag is generator.scheduleLagMs of the run record: from the moment a start was due to the moment a user is given it, over the whole run, its start and the opening of connections in the first ten seconds included.',
          'Each start keeps its user for 9.9 s, so that about 10,000 connections are used in turn once ten seconds have passed; shorter runs use fewer.',
          ...rows.flatMap(failures),
        ],
        data: { server: server.name, ratePerSec: 1000, clients: rows },
      };
    }),
};

function starts(
  name: string,
  core: number | undefined,
  server: BenchServer,
  { settings: { seconds }, processes }: Work,
): Contender<LagRound> {
  return {
    name,
    note: '',
    isPeer: false,
    async measure() {
      const load = ['--profile', 'arrivals', '--duration', `${seconds}s`];
      const flags = [...load, '--base-url', server.url, '--workers', '1', '--formats', 'json'];
      const { record, failed } = await runPlimsoll(flags, { core }, processes);
      const { med, 'p(99)': p99, max, count } = record.generator.scheduleLagMs;
      const busy = record.metrics.vus?.values;
      const connections = busy !== undefined && 'max' in busy ? busy.max : 0;
      const dropped = record.generator.droppedIterations;
      return { p50: med, p99, max, starts: count, dropped, failed, connections };
    },
  };
}

function lineOf(row: Measured<LagRound>): string[] {
  const ms = (figure: (round: LagRound) => number): string => `${medianOf(row, figure).toFixed(2)} ms`;
  const whole = (figure: (round: LagRound) => number): string =>
    Math.round(medianOf(row, figure)).toLocaleString('en');
  return [
    row.name,
    ms(({ p50 }) => p50),
    ms(({ p99 }) => p99),
    ms(({ max }) => max),
    whole(({ starts: count }) => count),
    whole(({ dropped }) => dropped),
    whole(({ connections }) => connections),
  ];
}

function failures({ name, rounds }: Measured<LagRound>): string[] {
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return failed === 0 ? [] : [`${failed} requests failed with the ${name}.`];
}
