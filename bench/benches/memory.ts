// Whether memory grows with the number of requests: the same load for a number of requests and for twenty times as
// many.

import { type Bench, CannotMeasure, left, right, type Work } from '../bench.ts';
import { runPlimsoll } from '../clients/plimsoll.ts';
import { atMost } from '../floors.ts';
import { megabytes, memoryByRole, type Role, type RoleMemory } from '../memory-samples.ts';
import { canReadProcesses } from '../process-tree.ts';
import { clientCore, placement } from '../processes.ts';
import { type Contender, inRounds, type Measured, median, medianOf } from '../rounds.ts';
import { type BenchServer, withServer } from '../server.ts';

const connections = 50;
const times = 20;
const sampleMemoryEveryMs = 200;

interface MemoryRound {
  readonly requests: number;
  readonly failed: number;
  readonly byRole: Readonly<Record<Role, RoleMemory>>;
}

export const memory: Bench = {
  name: 'memory',
  shows: 'memory after one and after twenty million requests (--requests)',
  rounds: 1,
  seconds: undefined,
  run(work) {
    if (!canReadProcesses) throw new CannotMeasure('memory is read from /proc/<pid>/smaps_rollup');
    return withServer(work.processes, async (server) => {
      const most = Math.ceil(work.settings.requests / (times * connections)) * times * connections;
      const contenders = [most / times, most].map((requests) => requestsMade(requests, server, work));
      const rows = await inRounds(contenders, work.settings.rounds, work.say);
      const { rounds } = work.settings;
      const [few, many] = rows;
      const grownBytes = few!.rounds.map((round, k) => steady(many!.rounds[k]!) - steady(round));
      const failed = rows.flatMap((row) => row.rounds).reduce((sum, round) => sum + round.failed, 0);
      return {
        setup: `${connections} connections to ${server.name}; ${placement}; ${rounds === 1 ? 'one round' : `medians of ${rounds} rounds`}`,
        columns: [
          left('requests'),
          right('worker, steady'),
          right('peak'),
          right('coordinator, steady'),
          right('peak'),
          right('both, steady'),
        ],
        rows: rows.map(lineOf),
        floors: [
          atMost({
            figure: `memory that ${times} times as many requests add`,
            limit: 20,
            unit: 'MB',
            measured: median(grownBytes) / 1e6,
          }),
        ],
        notes: [
          `Memory is RSS, read every ${sampleMemoryEveryMs} ms. Steady is the median over the second half of the run: peaks depend on when garbage happens to be collected.`,
          ...(failed === 0 ? [] : [`${failed} requests failed.`]),
        ],
        data: { server: server.name, connections, runs: rows, grownBytes },
      };
    });
  },
};

const steady = ({ byRole }: MemoryRound): number =>
  byRole.worker.steadyRssBytes + byRole.coordinator.steadyRssBytes;

function requestsMade(requests: number, server: BenchServer, { processes }: Work): Contender<MemoryRound> {
  return {
    name: requests.toLocaleString('en'),
    note: '',
    isPeer: false,
    async measure() {
      const load = [
        '--profile',
        'hello',
        '--users',
        String(connections),
        '--ops',
        String(requests / connections),
      ];
      const flags = [...load, '--duration', '2h', '--base-url', server.url, '--workers', '1'];
      const run = await runPlimsoll(flags, { core: clientCore, sampleMemoryEveryMs }, processes);
      if (run.requests !== requests) throw new Error(`${run.requests} requests were made, not ${requests}`);
      return { requests, failed: run.failed, byRole: memoryByRole(run.memory) };
    },
  };
}

function lineOf(row: Measured<MemoryRound>): string[] {
  const cell = (figure: (round: MemoryRound) => number): string => megabytes(medianOf(row, figure));
  return [
    row.name,
    cell(({ byRole }) => byRole.worker.steadyRssBytes),
    cell(({ byRole }) => byRole.worker.peakRssBytes),
    cell(({ byRole }) => byRole.coordinator.steadyRssBytes),
    cell(({ byRole }) => byRole.coordinator.peakRssBytes),
    cell(steady),
  ];
}
