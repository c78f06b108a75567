// A worker session over a channel in memory: nothing of it needs a process.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FromWorker, ToWorker } from '../engine/messages.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { packBundle, type SuiteBundle } from '../model/suite-bundle.ts';
import { makePlan } from '../plan/plan.ts';
import { nameTemporaryFolder } from '../system/temporary-folder.ts';
import { machineMs } from '../time/clock.ts';
import { createWorkerSession, type WorkerSession } from './worker-session.ts';

let server: Server;
let baseUrl: string;
beforeEach(async () => {
  server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const module = (task: string): SuiteBundle => {
  const text = `export default {
    name: 'shop',
    users: { buyer: { tasks: { buy: { run: ${task} } } } },
    profiles: { smoke: { executor: 'shared-iterations', vus: 1, iterations: 3 } },
  };`;
  return packBundle(Buffer.from(text));
};

function planOf(): Plan {
  const suite: SuiteDefinition = {
    name: 'shop',
    baseUrl,
    users: { buyer: { tasks: { buy: { run: () => {} } } } },
    profiles: { smoke: { executor: 'shared-iterations', vus: 1, iterations: 3 } },
  };
  return makePlan(suite, 'smoke', { workers: 1, seed: 1, environment: 'local' });
}

/** The coordinator's end of the channel. */
function connect() {
  const said: FromWorker[] = [];
  const env: NodeJS.ProcessEnv = {};
  let isEnded = false;
  const session: WorkerSession = createWorkerSession({
    send(message, onSent) {
      // As a channel would: nothing is shared with the sender.
      said.push(structuredClone(message));
      onSent?.();
    },
    env,
    folder: nameTemporaryFolder(),
    ended() {
      isEnded = true;
    },
    abandon: () => {},
  });
  const tell = (message: ToWorker): void => session.receive(structuredClone(message));
  const heard = async <Kind extends FromWorker['kind']>(
    kind: Kind,
  ): Promise<Extract<FromWorker, { kind: Kind }>> => {
    for (;;) {
      const found = said.find((message) => message.kind === kind);
      if (found !== undefined) return found as Extract<FromWorker, { kind: Kind }>;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const prepare = (bundle: SuiteBundle): void =>
    tell({
      ...{ kind: 'prepare', plan: planOf(), bundle, dataFiles: [], worker: 0, sender: 0, guard: null },
      ...{ env: { SHOP: 'open' }, userAgent: 'test', secrets: { http: {} } },
    });
  return { session, said, env, tell, heard, prepare, isEnded: () => isEnded };
}

function countIn(windows: readonly MetricWindow[], metric: string): number {
  const ids = new Set(
    windows.flatMap(({ definitions }) =>
      definitions.flatMap((one) => (one.metric === metric ? [one.id] : [])),
    ),
  );
  return windows
    .flatMap(({ deltas }) => deltas)
    .reduce((sum, one) => sum + (one.type === 'counter' && ids.has(one.id) ? one.count : 0), 0);
}

describe('a worker session', () => {
  test('drives its part of a plan by messages alone, two of them in one process', async () => {
    const buy = module('({ http }) => http.get("/")');
    const both = [connect(), connect()];
    for (const { session, prepare } of both) {
      session.begin();
      prepare(buy);
    }
    await Promise.all(both.map(({ heard }) => heard('prepared')));
    for (const { tell } of both) {
      tell({ kind: 'start', atMachineMs: machineMs() + 15, data: undefined, controls: [] });
    }
    await Promise.all(both.map(({ heard }) => heard('finished')));
    for (const { tell, heard, said, env, isEnded } of both) {
      tell({ kind: 'exit' });
      await heard('bye');
      expect(isEnded()).toBe(true);
      expect(env).toEqual({ SHOP: 'open' });
      const windows = said.flatMap((message) => (message.kind === 'window' ? [message.window] : []));
      expect([countIn(windows, 'iterations'), countIn(windows, 'http_reqs')]).toEqual([3, 3]);
      expect(said[0]).toEqual({ kind: 'booted' });
    }
  });

  test('tells what its clock reads, beside the question', async () => {
    const { tell, heard } = connect();
    const sentMs = machineMs();
    tell({ kind: 'clock', sentMs });
    const answer = await heard('clock');
    expect(answer.sentMs).toBe(sentMs);
    expect(answer.machineMs).toBeGreaterThanOrEqual(sentMs);
    expect(answer.machineMs).toBeLessThanOrEqual(machineMs());
  });

  test('does not evaluate a bundle that came damaged', async () => {
    const { prepare, heard } = connect();
    prepare({ ...module('() => {}'), hash: packBundle(Buffer.from('another')).hash });
    expect(await heard('failed')).toMatchObject({
      stage: 'prepare',
      message: expect.stringContaining("the suite's bundle came damaged"),
    });
  });
});
