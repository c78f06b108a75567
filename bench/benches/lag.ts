// How late scheduled starts are: 1,000 a second over about 10,000 connections, with the client confined to one core
// and then free to use all.

import type { RunRecord } from 'plimsoll';
import { type Bench, left, right, roundsOf, type Work } from '../bench.ts';
import { runPlimsoll } from '../clients/plimsoll.ts';
import { atMost } from '../floors.ts';
import { canPin, clientCore, placement, serverCore } from '../processes.ts';
import { type Contender, inRounds, type Measured, median, medianOf } from '../rounds.ts';
import { type BenchServer, withServer } from '../server.ts';

interface LagRound {
  /** ms, as the run record has them: every start of the run. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Median over the run's seconds of each second's p99: without what only the start of the run does. */
  readonly typicalP99: number;
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
  seconds: 20,
  run: (work) =>
    withServer(work.processes, async (server) => {
      const contenders = canPin
        ? [
            starts('client on its core', clientCore, server, work),
            starts('client not pinned', undefined, server, work),
          ]
        : [starts('client not pinned', undefined, server, work)];
      const rows = await inRounds(contenders, work.settings.rounds, work.say);
      const [first] = rows;
      return {
        setup: `1,000 starts/s to ${server.name}; ${canPin ? `server on core ${serverCore}, client core ${clientCore}` : placement}; ${roundsOf(work.settings)}`,
        columns: [
          left('client'),
          right('late p50'),
          right('late p99'),
          right('late max'),
          right('p99 of a typical second'),
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
          'A typical second is the median over the seconds of the run; the floors are held to the whole run.',
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
      return {
        p50: med,
        p99,
        max,
        typicalP99: typicalP99(record),
        starts: count,
        dropped,
        failed,
        connections,
      };
    },
  };
}

function typicalP99({ timeline }: RunRecord): number {
  const ofSeconds = timeline.flatMap(({ metrics }) => {
    const values = metrics.generator_schedule_lag;
    return values !== undefined && 'p(99)' in values ? [values['p(99)']] : [];
  });
  return median(ofSeconds);
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
    ms((round) => round.typicalP99),
    whole(({ starts: count }) => count),
    whole(({ dropped }) => dropped),
    whole(({ connections }) => connections),
  ];
}

function failures({ name, rounds }: Measured<LagRound>): string[] {
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return failed === 0 ? [] : [`${failed} requests failed with the ${name}.`];
}
