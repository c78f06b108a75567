import { createSocket } from 'node:dgram';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type Line, parseLines, sumsOfLines } from './decoders.cases.ts';
import { createLoad, run, TestWorker, trendOf } from './load.cases.ts';
import { outputCases } from './output.cases.ts';
import { createOutputs } from './outputs.ts';
import { type Behaviour, type CaseReceiver, startHttpReceiver, until } from './receivers.cases.ts';

outputCases('InfluxDB over HTTP', {
  retries: true,
  dead: (port) => ({ kind: 'influx', url: `http://127.0.0.1:${port}/write?db=x`, interval: 100 }),
  async start() {
    const http = await startHttpReceiver();
    return {
      definition: { kind: 'influx', url: `${http.url}/write?db=x`, interval: 100 },
      sums: async () => sumsOfLines(http.accepted.flatMap(({ body }) => parseLines(body.toString()))),
      behave: (behaviour) => {
        http.behaviour = behaviour;
      },
      close: () => http.close(),
    };
  },
});

outputCases('Telegraf over TCP', {
  retries: true,
  dead: (port) => ({ kind: 'influx', url: `tcp://127.0.0.1:${port}`, interval: 100 }),
  start: startTcpReceiver,
});

outputCases('Telegraf over UDP', { start: startUdpReceiver });

async function startTcpReceiver(): Promise<CaseReceiver> {
  const texts: string[] = [];
  const sockets = new Set<Socket>();
  let behaviour: Behaviour = 'ok';
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (behaviour === 'hang') return;
    if (behaviour === 'fail') {
      socket.resetAndDestroy();
      return;
    }
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      setTimeout(
        () => {
          texts.push(Buffer.concat(chunks).toString());
          socket.end();
        },
        behaviour === 'slow' ? 150 : 0,
      );
    });
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    definition: {
      kind: 'influx',
      url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
      interval: 100,
    },
    sums: async () => sumsOfLines(texts.flatMap(parseLines)),
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function startUdpReceiver(): Promise<CaseReceiver> {
  const socket = createSocket('udp4');
  const lines: Line[] = [];
  socket.on('message', (message) => {
    expect(message.length).toBeLessThanOrEqual(1400);
    lines.push(...parseLines(message.toString()));
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    definition: { kind: 'influx', url: `udp://127.0.0.1:${socket.address().port}`, interval: 100 },
    async sums() {
      // What is on its way in the kernel comes with the next turns of the event loop.
      let before = -1;
      while (before !== lines.length) {
        before = lines.length;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return sumsOfLines(lines);
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

test('lines have the values of the interval, tags that are escaped, and the two performance lines', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs([{ kind: 'influx', url: `${http.url}/write?db=x`, interval: '1h' }], run);
  const worker = new TestWorker(0);
  hub.window(
    worker.window(0, [
      { metric: 'http_reqs', tags: { task: 'a b,c=d\n\\' }, delta: { type: 'counter', count: 50 } },
      {
        metric: 'http_req_duration',
        contains: 'time',
        delta: { type: 'trend', histogram: trendOf([1, 2, 4, 8]) },
      },
      { metric: 'my metric,x', delta: { type: 'rate', passes: 1, fails: 3 } },
    ]),
  );
  hub.window(worker.window(1, []));
  await hub.close(5000);
  await http.close();
  const text = http.accepted[0]!.body.toString();
  const at = `${run.startEpochMs + 2000}000000`;
  expect(text).toContain(`performance,type=avg_response value=3.75 ${at}\n`);
  expect(text).toContain(`performance,type=throughput value=25 ${at}\n`);
  const line = (measurement: string): Line => {
    const found = parseLines(text).filter((one) => one.measurement === measurement);
    expect(found).toHaveLength(1);
    return found[0]!;
  };
  expect(line('http_reqs')).toMatchObject({
    tags: { task: 'a b,c=d ', suite: 'shop', profile: 'smoke', run: 'r1', build: '7 "rc", x=' },
    fields: { count: 50, rate: 25 },
  });
  expect(line('my metric,x').fields).toEqual({ rate: 0.25, passes: 1, fails: 3 });
  const { fields } = line('http_req_duration');
  expect(fields).toMatchObject({ count: 4, sum: 15, avg: 3.75, min: 1, max: 8 });
  expect(fields.med).toBeGreaterThan(2.9);
  expect(fields.p90).toBeLessThanOrEqual(8);
  expect(Object.keys(fields)).toEqual(['count', 'sum', 'avg', 'min', 'max', 'med', 'p90', 'p95', 'p99']);
});

test('each interval has its own percentiles, and a series that rests is left out', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs([{ kind: 'influx', url: `${http.url}/write`, interval: 100 }], run);
  const worker = new TestWorker(0);
  const trend = (second: number, value: number) =>
    worker.window(second, [{ metric: 't', delta: { type: 'trend', histogram: trendOf([value]) } }]);
  hub.window(trend(0, 100));
  await until(() => http.accepted.length === 1, 'the first interval is over');
  hub.window(trend(1, 1));
  await until(() => http.accepted.length === 2, 'the second interval is over');
  hub.window(worker.window(2, [{ metric: 'other', delta: { type: 'counter', count: 1 } }]));
  await hub.close(5000);
  await http.close();
  const [first, second, third] = http.accepted.map(({ body }) => parseLines(body.toString()));
  expect([first![0]!.fields.p95, second![0]!.fields.p95]).toEqual([100, 1]);
  expect(second![0]!.fields.count).toBe(1);
  expect(third!.map(({ measurement }) => measurement)).toEqual(['other']);
});

test.each([
  ['//tok%2Fen@', '/api/v2/write?org=o&bucket=b', {}, 'Token tok/en'],
  ['//me:secret@', '/write?db=d', {}, `Basic ${Buffer.from('me:secret').toString('base64')}`],
  ['//', '/api/v2/write?org=o&bucket=b', { Authorization: 'Token abcdefgh' }, 'Token abcdefgh'],
])('who writes is said as InfluxDB wants it: %s%s', async (user, path, headers, authorization) => {
  const http = await startHttpReceiver();
  const url = `${http.url.replace('//', user)}${path}`;
  const hub = await createOutputs([{ kind: 'influx', url, headers }], run);
  createLoad().feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(http.accepted[0]!.headers.authorization).toBe(authorization);
  expect(http.accepted[0]!.path).toBe(`${path}&precision=ns`);
  expect(tally!.to).toBe(`${http.url}${path}`);
});

test('passwords in the query are sent, and never shown', async () => {
  const http = await startHttpReceiver();
  http.answers.push({ status: 401, text: 'hunter22 is wrong for me' });
  const url = `${http.url}/write?db=d&u=me&p=hunter22`;
  const hub = await createOutputs([{ kind: 'influx', url }], run);
  createLoad().feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(http.refused[0]!.path).toContain('p=hunter22');
  expect(tally).toMatchObject({ lastError: 'answered 401: *** is wrong for me' });
  expect(JSON.stringify(tally)).not.toContain('hunter22');
});
