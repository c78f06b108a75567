import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { UsageError } from '../model/errors.ts';
import { parsePage, sumsOfSamples } from './decoders.cases.ts';
import { createLoad, run, TestWorker } from './load.cases.ts';
import { createOutputs } from './outputs.ts';
import { freePort, startHttpReceiver } from './receivers.cases.ts';

test('receivers that are gone, hang, refuse or have no room do not touch one that is well', async () => {
  const http = await startHttpReceiver();
  http.behaviour = 'hang';
  const refusing = await startHttpReceiver();
  refusing.behaviour = 'fail';
  const [port, dead] = [await freePort(), await freePort()];
  const hub = await createOutputs(
    [
      { kind: 'otlp', url: `http://127.0.0.1:${dead}/v1/metrics`, interval: 100 },
      { kind: 'influx', url: `${http.url}/write`, interval: 100 },
      { kind: 'prometheus-remote-write', url: refusing.url, interval: 100 },
      { kind: 'json', file: '/dev/full' },
      { kind: 'prometheus', port },
    ],
    run,
  );
  const load = createLoad();
  for (let k = 0; k < 3; k++) {
    load.feed(hub);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(sumsOfSamples(parsePage(page, 'text')).requests).toBe(load.sums().requests);
  const before = performance.now();
  const tallies = await hub.close(500);
  expect(performance.now() - before).toBeLessThan(2000);
  await Promise.all([http.close(), refusing.close()]);
  expect(tallies.map(({ kind }) => kind)).toEqual([
    'otlp',
    'influx',
    'prometheus-remote-write',
    'json',
    'prometheus',
  ]);
  for (const tally of tallies.slice(0, 4)) expect(tally).toMatchObject({ sent: 0, lost: load.points });
  expect(tallies[4]).toMatchObject({ sent: load.points, lost: 0, failures: 0 });
});

test('what waits for a receiver that takes nothing is bounded in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const hub = await createOutputs([{ kind: 'json', file: '/dev/full' }], run);
  const worker = new TestWorker(0);
  const gains = Array.from({ length: 100 }, (_, k) => ({
    metric: 'c',
    tags: { k: String(k) },
    delta: { type: 'counter', count: 1 } as const,
  }));
  hub.window(worker.window(0, gains));
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const window = worker.window(1, gains);
  const lineBytes = 170;
  for (let k = 0; k < 2000; k++) hub.window(window);
  for (let k = 0; k < 3; k++) {
    // Memory of buffers is given back some time after they are collected.
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const grownBytes = process.memoryUsage().arrayBuffers - before;
  const [tally] = await hub.close(0);
  expect(2000 * 100 * lineBytes).toBeGreaterThan(30e6);
  expect(grownBytes).toBeLessThan(12e6);
  expect(tally!.sent + tally!.lost).toBe(2001 * 100);
});

test.each([
  [{ kind: 'otlp', url: 'nowhere' }, 'nowhere is not a URL'],
  [{ kind: 'influx', url: 'http://h/write', interval: 'soon' }, 'soon is not a valid interval'],
  [{ kind: 'prometheus-remote-write', url: 'http://h', interval: 5 }, '5 is not a valid interval'],
] as const)('%j is a mistake of the user, told before the run', async (definition, message) => {
  const port = await freePort();
  const making = createOutputs([{ kind: 'prometheus', port }, definition], run);
  await expect(making).rejects.toThrow(UsageError);
  await expect(making).rejects.toThrow(message);
  // What was made before is let go.
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
});

test('secrets that were told do not reach a tally', async () => {
  const server = createServer((request, response) =>
    response.writeHead(403).end(`no entry for ${request.url}`),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tenant-7f3a/write`;
  const hub = await createOutputs([{ kind: 'influx', url }], run, ['tenant-7f3a', '']);
  createLoad().feed(hub);
  const tallies = await hub.close(2000);
  await new Promise((resolve) => server.close(resolve));
  expect(tallies[0]!.lastError).toBe('answered 403: no entry for /***/write?precision=ns');
  expect(JSON.stringify(tallies)).not.toContain('7f3a');
});

test('no output: nothing to do', async () => {
  const hub = await createOutputs([], run);
  createLoad().feed(hub);
  expect(await hub.close(1000)).toEqual([]);
});
