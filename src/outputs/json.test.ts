import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLoad, run, type Sums, transition } from './load.cases.ts';
import { outputCases } from './output.cases.ts';
import { createOutputs } from './outputs.ts';

interface JsonLine {
  readonly type: string;
  readonly metric?: string;
  readonly data: Record<string, unknown> & { readonly values?: Record<string, number> };
}

async function linesOf(file: string): Promise<JsonLine[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);
}

function sumsOf(lines: readonly JsonLine[]): Sums {
  const points = (metric: string) => lines.filter((line) => line.type === 'point' && line.metric === metric);
  const total = (metric: string, value: string): number =>
    points(metric).reduce((sum, { data }) => sum + data.values![value]!, 0);
  const vus = new Map(points('vus').map(({ data }) => [data.worker, data.values!.value!]));
  return {
    requests: total('http_reqs', 'count'),
    durationCount: total('http_req_duration', 'count'),
    durationSumMs: total('http_req_duration', 'sum'),
    failedPasses: total('http_req_failed', 'passes'),
    failedAll: total('http_req_failed', 'passes') + total('http_req_failed', 'fails'),
    vus: [...vus.values()].reduce((a, b) => a + b, 0),
    connections: points('monitor_db_connections').at(-1)!.data.values!.value!,
    readBytes: total('monitor_db_read_bytes', 'count'),
  };
}

outputCases('a JSON file', {
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-json-'));
    const file = join(folder, 'new', 'points.jsonl');
    return {
      definition: { kind: 'json', file },
      sums: async () => sumsOf(await linesOf(file)),
      close: () => rm(folder, { recursive: true }),
    };
  },
});

test('lines say what run it is, what a metric is before its first point, and what happened when', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-json-'));
  const file = join(folder, 'points.jsonl');
  const hub = await createOutputs([{ kind: 'json', file }], run);
  const load = createLoad();
  load.feed(hub);
  load.feed(hub);
  hub.alert(transition);
  await hub.close(5000);
  const lines = await linesOf(file);
  await rm(folder, { recursive: true });
  expect(lines[0]).toMatchObject({
    type: 'run',
    data: { id: 'r1', suite: 'shop', time: '2026-01-02T03:04:05.000Z' },
  });
  expect(lines.at(-1)).toMatchObject({
    type: 'alert',
    data: { time: '2026-01-02T03:05:06.500Z', ...transition },
  });
  const durations = lines.filter(({ metric }) => metric === 'http_req_duration');
  expect(durations[0]).toEqual({
    type: 'metric',
    metric: 'http_req_duration',
    data: { type: 'trend', contains: 'time' },
  });
  expect(durations[1]).toMatchObject({
    type: 'point',
    data: {
      time: '2026-01-02T03:04:06.000Z',
      startAtMs: 0,
      endAtMs: 1000,
      worker: 0,
      tags: { task: 'price' },
      values: { count: 5, min: 0.25, max: 70_000 },
    },
  });
  expect(durations.filter(({ type }) => type === 'metric')).toHaveLength(1);
  expect(lines.find(({ metric }) => metric === 'monitor_db_lag_ms')!.data).toEqual({
    type: 'gauge',
    contains: 'time',
  });
});

test.each(['/dev/full', '/dev/null/points.jsonl'])('what %s refuses is counted', async (file) => {
  const hub = await createOutputs([{ kind: 'json', file }], run);
  const load = createLoad();
  for (let k = 0; k < 3; k++) load.feed(hub);
  await new Promise((resolve) => setTimeout(resolve, 100));
  const [tally] = await hub.close(1000);
  expect(tally).toMatchObject({ kind: 'json', to: file, sent: 0, lost: load.points });
  expect(tally!.failures).toBeGreaterThan(0);
  expect(tally!.lastError).toMatch(/ENOSPC|ENOTDIR|EEXIST/);
});
