import { uncompress } from 'snappyjs';
import { expect, test } from 'vitest';
import {
  checkHistograms,
  decodeProtobuf,
  doubleOf,
  messagesOf,
  type PrometheusSample,
  sumsOfSamples,
  textOf,
} from './decoders.cases.ts';
import { createLoad, run } from './load.cases.ts';
import { outputCases } from './output.cases.ts';
import { createOutputs } from './outputs.ts';
import { type HttpReceiver, startHttpReceiver } from './receivers.cases.ts';

type TimedSample = PrometheusSample & { readonly timestamp: number; readonly names: readonly string[] };

function decodeRequest(body: Buffer): TimedSample[] {
  const request = decodeProtobuf(uncompress(new Uint8Array(body)));
  return messagesOf(request, 1).map((series) => {
    const labels = messagesOf(series, 1).map((label) => [textOf(label, 1), textOf(label, 2)] as const);
    const [sample, ...more] = messagesOf(series, 2);
    expect(more).toEqual([]);
    const { __name__: name, ...rest } = Object.fromEntries(labels);
    return {
      name: name!,
      names: labels.map(([label]) => label),
      labels: rest,
      value: doubleOf(sample!, 1),
      timestamp: sample!.get(2)![0] as number,
    };
  });
}

/** The latest value of each series; timestamps must ascend. */
function latestOf(http: HttpReceiver): TimedSample[] {
  const latest = new Map<string, TimedSample>();
  for (const { body } of http.accepted) {
    for (const sample of decodeRequest(body)) {
      const key = JSON.stringify([sample.name, sample.labels]);
      expect(sample.timestamp).toBeGreaterThan(latest.get(key)?.timestamp ?? 0);
      latest.set(key, sample);
    }
  }
  return [...latest.values()];
}

outputCases('remote write', {
  retries: true,
  dead: (port) => ({
    kind: 'prometheus-remote-write',
    url: `http://127.0.0.1:${port}/api/v1/write`,
    interval: 100,
  }),
  async start() {
    const http = await startHttpReceiver();
    return {
      definition: { kind: 'prometheus-remote-write', url: `${http.url}/api/v1/write`, interval: 100 },
      sums: async () => sumsOfSamples(latestOf(http)),
      behave: (behaviour) => {
        http.behaviour = behaviour;
      },
      close: () => http.close(),
    };
  },
});

test('remote write keeps to the specification', async () => {
  const http = await startHttpReceiver();
  const url = `${http.url.replace('//', '//who:p%40ss@')}/api/v1/write`;
  const hub = await createOutputs(
    [{ kind: 'prometheus-remote-write', url, headers: { 'X-Scope-OrgID': 'tenant' } }],
    run,
  );
  const load = createLoad();
  load.feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(tally!.to).toBe(`${http.url}/api/v1/write`);
  const [request] = http.accepted;
  expect(request!.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
    'x-scope-orgid': 'tenant',
    authorization: `Basic ${Buffer.from('who:p@ss').toString('base64')}`,
  });
  const samples = decodeRequest(request!.body);
  checkHistograms(samples);
  for (const { names, labels, timestamp } of samples) {
    expect(names).toEqual([...names].sort());
    expect(new Set(names).size).toBe(names.length);
    expect(labels).toMatchObject({ suite: 'shop', profile: 'smoke', run: 'r1', build: '7 "rc", x=\\' });
    expect(timestamp).toBe(run.startEpochMs + 1000);
  }
});

test('a receiver that refuses data for good is not asked again', async () => {
  const http = await startHttpReceiver();
  http.answers.push({ status: 400, text: 'out of order sample' });
  const hub = await createOutputs([{ kind: 'prometheus-remote-write', url: http.url }], run);
  const load = createLoad();
  load.feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(tally).toMatchObject({ sent: 0, lost: load.points, failures: 1 });
  expect(tally!.lastError).toBe('answered 400: out of order sample');
  expect(http.refused).toHaveLength(1);
});
