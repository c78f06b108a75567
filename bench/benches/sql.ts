// PostgreSQL beside pgbench: the same prepared select by primary key and the same simple-update transaction, over as
// many connections.

import { startPostgres } from '../../src/target-kit/postgres.ts';
import { type Bench, CannotMeasure, left, right, roundsOf, type Work } from '../bench.ts';
import {
  connections,
  type DatabaseFigures,
  pgbench,
  pgPackage,
  plimsollSql,
  type Script,
} from '../clients/databases.ts';
import { atLeast } from '../floors.ts';
import { canPin, onPath, placement, serverCore } from '../processes.ts';
import { inRounds, type Measured, medianOf, rangeOf, ratioOf } from '../rounds.ts';

type Row = Measured<DatabaseFigures>;
const rate = ({ perSec }: DatabaseFigures): number => perSec;
const cpu = ({ cpuUs }: DatabaseFigures): number => cpuUs;

async function withDatabase<T>(
  { processes }: Work,
  use: (url: string, peer: string, version: string) => Promise<T>,
): Promise<T> {
  const path = onPath('pgbench');
  if (path === undefined) throw new CannotMeasure('pgbench is not on PATH');
  const server = await startPostgres();
  try {
    // Sessions are children of the server, and stay where it is.
    if (canPin) {
      await processes.finish(['taskset', '-apc', String(serverCore), String(server.pid)], {
        core: undefined,
      });
    }
    await processes.finish([path, '-i', '-s', '10', '-q', server.url], { core: undefined });
    return await use(server.url, path, server.version);
  } finally {
    await server.stop();
  }
}

function measure(
  url: string,
  script: Script,
  peer: string,
  { settings, processes, say }: Work,
): Promise<Row[]> {
  const contenders = [plimsollSql, pgbench(peer), pgPackage].map((client) => ({
    name: client.name,
    note: client.note,
    isPeer: client !== plimsollSql,
    measure: () => client.run({ url, script, seconds: settings.seconds }, processes),
  }));
  return inRounds(contenders, settings.rounds, (line) => say(`${script}: ${line}`));
}

function lines(script: Script, rows: readonly Row[]): string[][] {
  const own = rows[0]!;
  return rows.map((row) => {
    const [least, most] = rangeOf(row, rate);
    return [
      script,
      row.name,
      whole(medianOf(row, rate)),
      `(${whole(least)} - ${whole(most)})`,
      `${medianOf(row, cpu).toFixed(1)} us`,
      row === own ? '' : `${ratioOf(own, row, rate)!.toFixed(2)} x`,
      row === own ? '' : `${ratioOf(own, row, cpu)!.toFixed(2)} x`,
      row.note,
    ];
  });
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');

export const sql: Bench = {
  name: 'sql',
  shows: 'selects and transactions per second on PostgreSQL, beside pgbench',
  rounds: 3,
  seconds: 5,
  run: (work) =>
    withDatabase(work, async (url, peer, version) => {
      const selects = await measure(url, 'select', peer, work);
      const updates = await measure(url, 'update', peer, work);
      const named = (rows: readonly Row[], name: string): Row | undefined =>
        rows.find((row) => row.name === name);
      return {
        setup: `${connections} connections to PostgreSQL ${version}; ${placement}; ${roundsOf(work.settings)}`,
        columns: [
          ...[left('load'), left('client'), right('per second'), right('(range)'), right('CPU for one')],
          ...[right('its rate is'), right('its CPU is'), left('')],
        ],
        rows: [...lines('select', selects), ...lines('update', updates)],
        floors: [
          atLeast({
            figure: 'prepared selects/s, of pgbench’s',
            limit: 0.5,
            measured: ratioOf(selects[0]!, named(selects, 'pgbench'), rate),
          }),
        ],
        notes: [
          '"Its rate is" and "its CPU is" are those of plimsoll divided by the row’s, as the median of same-round ratios.',
        ],
        data: { version, connections, select: selects, update: updates },
      };
    }),
};
