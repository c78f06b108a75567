// From the start of `plimsoll run` to the arrival of the first request. Nothing is pinned: this is what somebody
// who types the command waits for.

import net from 'node:net';
import { monotonicMs } from '../../src/time/clock.ts';
import { type Bench, left, right, type Work } from '../bench.ts';
import { runPlimsoll } from '../clients/plimsoll.ts';
import { atMost } from '../floors.ts';
import { inRounds, medianOf, rangeOf } from '../rounds.ts';

interface StartupRound {
  /** ms from just before the process is started to the first byte of the first request. */
  readonly firstRequestMs: number;
  /** To the connection that asks whether anything listens; nothing is sent over it. */
  readonly firstConnectionMs: number;
}

export const startup: Bench = {
  name: 'startup',
  shows: 'time from `plimsoll run` of a TypeScript suite to the first request',
  rounds: 10,
  seconds: undefined,
  async run(work) {
    const contender = { name: 'plimsoll run', note: '', isPeer: false, measure: () => measureStart(work) };
    const [row] = await inRounds([contender], work.settings.rounds, work.say);
    const first = ({ firstRequestMs }: StartupRound): number => firstRequestMs;
    const [least, most] = rangeOf(row!, first);
    return {
      setup: `bench/hello.suite.ts, 1 user; nothing pinned; median of ${work.settings.rounds} starts`,
      columns: [left(''), right('first request'), right('(range)'), right('first connection')],
      rows: [
        [
          row!.name,
          `${medianOf(row!, first).toFixed(0)} ms`,
          `(${least.toFixed(0)} - ${most.toFixed(0)} ms)`,
          `${medianOf(row!, ({ firstConnectionMs }) => firstConnectionMs).toFixed(0)} ms`,
        ],
      ],
      floors: [
        atMost({ figure: 'start to first request', limit: 400, unit: 'ms', measured: medianOf(row!, first) }),
      ],
      notes: [
        'The first connection only asks whether anything listens; the first request is the first that sends GET.',
      ],
      data: { starts: row!.rounds },
    };
  },
};

/** One start of the command line, timed by a server in this process, which does nothing else meanwhile. */
async function measureStart({ processes }: Work): Promise<StartupRound> {
  let firstConnectionAtMs: number | undefined;
  let firstRequestAtMs: number | undefined;
  const server = net.createServer((socket) => {
    firstConnectionAtMs ??= monotonicMs();
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (chunk.toString('latin1').startsWith('GET / ')) firstRequestAtMs ??= monotonicMs();
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as net.AddressInfo;
    // Few requests: who answers them is also who holds the watch.
    const load = ['--profile', 'hello', '--users', '1', '--think-time', '50ms', '--duration', '500ms'];
    const flags = [...load, '--base-url', `http://127.0.0.1:${port}`];
    const startedAtMs = monotonicMs();
    await runPlimsoll(flags, { core: undefined }, processes);
    if (firstConnectionAtMs === undefined || firstRequestAtMs === undefined) {
      throw new Error('no request arrived');
    }
    return {
      firstRequestMs: firstRequestAtMs - startedAtMs,
      firstConnectionMs: firstConnectionAtMs - startedAtMs,
    };
  } finally {
    server.close();
  }
}
