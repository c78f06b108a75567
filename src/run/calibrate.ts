// How much load this machine can make: a second of requests to a server in this process, by the whole path of a run. Called
// by examine-generator.ts.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TargetError } from '../model/errors.ts';
import type { CounterValues } from '../model/metric.ts';
import { loadSuite } from '../suite/suite.ts';
import { runProfile } from './run-profile.ts';

export interface Calibration {
  /** Requests per second that all workers sent together, with the server beside them. */
  readonly perSec: number;
  /** CPU time of a worker for one request, ms. */
  readonly cpuMsPerRequest: number;
  readonly workers: number;
}

const usersPerWorker = 20;
const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');

/** Throws what a run throws. */
export async function calibrate(workers: number): Promise<Calibration> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-'));
  const { server, url } = await startServer();
  const never = new AbortController().signal;
  try {
    const file = join(folder, 'calibration.yaml');
    await writeFile(
      file,
      `name: calibration
baseUrl: ${url}
users: { user: { tasks: { task: { requests: [{ url: / }] } } } }
profiles: { calibration: { executor: constant-vus, vus: ${workers * usersPerWorker}, duration: 1s } }
`,
    );
    const { record } = await runProfile({
      suite: await loadSuite(file, { env: {} }),
      profile: 'calibration',
      overrides: {},
      ...{ workers, seed: 1, force: false, outDir: folder, formats: [] },
      ...{ drainSignal: never, cutSignal: never, onEvent: () => {} },
    });
    const { count, rate } = record.metrics.http_reqs!.values as CounterValues;
    // The share of a core while the load was on: what it took to start the worker is no part of a request.
    const cpuMsPerSec = record.generator.cpu.avg * 1000 * workers;
    if (count === 0) throw new TargetError('no request was answered');
    return { perSec: rate, cpuMsPerRequest: cpuMsPerSec / rate, workers };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers each read with one response: no user has two requests under way. */
async function startServer(): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer((socket: Socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return { server, url: `http://127.0.0.1:${port}` };
}
