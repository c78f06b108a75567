// Redis beside redis-benchmark: GET and SET of small values over as many connections, without pipelining.

import { startRedis } from '../../src/target-kit/redis.ts';
import { type Bench, CannotMeasure, left, right, roundsOf, type Work } from '../bench.ts';
import {
  connections,
  libraryAlone,
  plimsollRedis,
  type RedisCommand,
  type RedisFigures,
  redisBenchmark,
} from '../clients/redis-clients.ts';
import { atLeast } from '../floors.ts';
import { canPin, onPath, placement, serverCore } from '../processes.ts';
import { inRounds, type Measured, medianOf, rangeOf, ratioOf } from '../rounds.ts';

type Row = Measured<RedisFigures>;
const rate = ({ perSec }: RedisFigures): number => perSec;
const cpu = ({ cpuUs }: RedisFigures): number => cpuUs;

async function withRedis<T>(
  { processes }: Work,
  use: (url: string, peer: string, version: string) => Promise<T>,
): Promise<T> {
  const peer = onPath('redis-benchmark');
  if (peer === undefined) throw new CannotMeasure('redis-benchmark is not on PATH');
  const server = await startRedis({ open: true });
  try {
    if (canPin) {
      const pin = ['taskset', '-apc', String(serverCore), String(server.pid)];
      await processes.finish(pin, { core: undefined });
    }
    return await use(server.url, peer, server.version);
  } finally {
    await server.stop();
  }
}

function measure(
  url: string,
  command: RedisCommand,
  peer: string,
  { settings, processes, say }: Work,
): Promise<Row[]> {
  const contenders = [plimsollRedis, redisBenchmark(peer), libraryAlone].map((client) => ({
    name: client.name,
    note: client.note,
    isPeer: client !== plimsollRedis,
    measure: () => client.run({ url, command, seconds: settings.seconds }, processes),
  }));
  return inRounds(contenders, settings.rounds, (line) => say(`${command}: ${line}`));
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

function lines(command: RedisCommand, rows: readonly Row[]): string[][] {
  const own = rows[0]!;
  return rows.map((row) => {
    const [least, most] = rangeOf(row, rate);
    return [
      command.toUpperCase(),
      row.name,
      whole(medianOf(row, rate)),
      `(${whole(least)} - ${whole(most)})`,
      `${medianOf(row, cpu).toFixed(1)} us`,
      row === own ? `${medianOf(row, ({ workerCpuUs = 0 }) => workerCpuUs).toFixed(1)} us` : '',
      row === own ? '' : `${ratioOf(own, row, rate)!.toFixed(2)} x`,
      row === own ? '' : `${ratioOf(own, row, cpu)!.toFixed(2)} x`,
      row.note,
    ];
  });
}

export const redis: Bench = {
  name: 'redis',
  shows: 'GET and SET per second on Redis, beside redis-benchmark without pipelining',
  rounds: 3,
  seconds: 5,
  run: (work) =>
    withRedis(work, async (url, peer, version) => {
      const sets = await measure(url, 'set', peer, work);
      const gets = await measure(url, 'get', peer, work);
      const floorOf = (command: string, rows: readonly Row[]) =>
        atLeast({
          figure: `${command}/s, of redis-benchmark's`,
          limit: 0.5,
          measured: ratioOf(
            rows[0]!,
            rows.find(({ name }) => name === 'redis-benchmark'),
            rate,
          ),
        });
      return {
        setup: `${connections} connections to Redis ${version}; ${placement}; ${roundsOf(work.settings)}`,
        columns: [
          ...[left('load'), left('client'), right('per second'), right('(range)'), right('CPU for one')],
          ...[right('of workers'), right('its rate is'), right('its CPU is'), left('')],
        ],
        rows: [...lines('get', gets), ...lines('set', sets)],
        floors: [floorOf('GET', gets), floorOf('SET', sets)],
        notes: [
          `"Its rate is" and "its CPU is" are those of ${plimsollRedis.name} divided by the row's, as the median of same-round ratios.`,
        ],
        data: { version, connections, get: gets, set: sets },
      };
    }),
};
