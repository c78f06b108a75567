// What watching costs: the CPU time of `plimsoll monitor` at default intervals, once its start is over.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startPostgres } from '../../src/target-kit/postgres.ts';
import { startRedis } from '../../src/target-kit/redis.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import { type Bench, CannotMeasure, left, right, type Work } from '../bench.ts';
import { plimsollCommand } from '../clients/plimsoll.ts';
import { atMost } from '../floors.ts';
import { canReadProcesses, cpuMsOf } from '../process-tree.ts';
import { clientCore } from '../processes.ts';
import { inRounds, medianOf, rangeOf } from '../rounds.ts';

interface WatchRound {
  /** CPU time of the process as a share of one core. */
  readonly cpuRatio: number;
}

/** Modules are loaded, connections stand, and the compiler has seen every kind of reading. */
const settleMs = 12_000;
const share = ({ cpuRatio }: WatchRound): number => cpuRatio;
const percent = (ratio: number): string => `${(ratio * 100).toFixed(2)} %`;

export const monitors: Bench = {
  name: 'monitors',
  shows: 'CPU that watching costs at default intervals',
  rounds: 3,
  seconds: 30,
  async run(work) {
    if (!canReadProcesses) throw new CannotMeasure('this system has no /proc');
    const postgres = await startPostgres();
    const redis = await startRedis({ open: true });
    const page = await startPage();
    try {
      const all = [
        ...['--process', `pid:${postgres.pid}`, '--postgres', postgres.url, '--redis', redis.url],
        ...[
          '--http',
          `${page.url}/health`,
          '--prometheus',
          `${page.url}/metrics#requests_total,queue_length`,
        ],
      ];
      const watching = (name: string, note: string, flags: readonly string[]) => ({
        name,
        note,
        isPeer: false,
        measure: () => measureWatch(work, flags),
      });
      const rows = await inRounds(
        [
          watching('always there', 'this machine and the processes of Plimsoll', []),
          watching('everything', 'and a process, PostgreSQL, Redis, a health page, a Prometheus page', all),
        ],
        work.settings.rounds,
        work.say,
      );
      return {
        setup: `every 5 s; after ${settleMs / 1000} s to settle; medians of ${work.settings.rounds} rounds of ${work.settings.seconds} s`,
        columns: [left('watched'), right('CPU of one core'), right('(range)'), left('')],
        rows: rows.map((row) => {
          const [least, most] = rangeOf(row, share);
          return [
            row.name,
            percent(medianOf(row, share)),
            `(${percent(least)} - ${percent(most)})`,
            row.note,
          ];
        }),
        floors: [
          atMost({
            figure: 'CPU of watching everything, percent of a core',
            limit: 2,
            unit: '%',
            measured: medianOf(rows[1]!, share) * 100,
          }),
        ],
        notes: ['CPU is that of the whole process, its display and its own work included.'],
        data: { postgres: postgres.version, redis: redis.version, rows },
      };
    } finally {
      page.server.close();
      await redis.stop();
      await postgres.stop();
    }
  },
};

async function measureWatch({ settings, processes }: Work, flags: readonly string[]): Promise<WatchRound> {
  const lengthMs = settleMs + settings.seconds * 1000 + 10_000;
  const out = processes.folder();
  const rest = ['--duration', `${Math.ceil(lengthMs / 1000)}s`, '--out', out, '--formats', 'json', '--quiet'];
  const child = processes.start([...plimsollCommand, 'monitor', ...flags, ...rest], clientCore);
  try {
    await sleep(settleMs);
    const startMs = monotonicMs();
    const before = cpuMsOf(child.pid!);
    await sleep(settings.seconds * 1000);
    const used = cpuMsOf(child.pid!) - before;
    if (before === 0) throw new Error('plimsoll monitor ended before it was measured');
    return { cpuRatio: used / (monotonicMs() - startMs) };
  } finally {
    await processes.stop(child);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A page of 200 metrics, and a health page. */
async function startPage(): Promise<{ readonly url: string; readonly server: http.Server }> {
  const others = Array.from({ length: 198 }, (_, i) => `# TYPE other_${i} gauge\nother_${i} ${i}`);
  let requests = 0;
  const server = http.createServer((request, response) => {
    requests++;
    if (request.url === '/health') response.end('{"status":"ok"}');
    else {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(
        `# TYPE requests_total counter\nrequests_total ${requests}\n# TYPE queue_length gauge\nqueue_length 3\n${others.join('\n')}\n`,
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
