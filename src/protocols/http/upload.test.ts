import http from 'node:http';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { connect, listen, serve } from './keeping-client.cases.ts';

/** Answers with the framing headers and the body it received. */
const echo: http.RequestListener = (request, response) => {
  const { 'content-length': length = '-', 'transfer-encoding': coding = '-' } = request.headers;
  text(request).then(
    (body) => response.end(`${length} ${coding} ${body}`),
    // Broken off in the middle: nobody waits for an answer.
    () => response.destroy(),
  );
};

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of all) {
    await delay(5);
    yield piece;
  }
}

test('a body that is made while it is sent goes out in chunks', async () => {
  const client = connect(await serve(echo));
  const body = pieces('ein ', '', new Uint8Array([0x32, 0x20]), 'päckchen');
  expect((await client.http.post('/', { body })).body).toBe('- chunked ein 2 päckchen');
  // The connection carries on.
  expect((await client.http.post('/', { body: Readable.from(['a', 'b']) })).body).toBe('- chunked ab');
  expect((await client.http.post('/', { body: 'plain' })).body).toBe('5 - plain');
  const blocked = client.meter.values('http_req_connecting');
  expect(blocked.filter((ms) => ms > 0)).toHaveLength(1);
});

test('with a content-length the body goes out as it is', async () => {
  const client = connect(await serve(echo));
  const headers = { 'content-length': 6 };
  expect((await client.http.put('/', { headers, body: pieces('abc', 'def') })).body).toBe('6 - abcdef');
});

test('a body of another length than its content-length has failed', async () => {
  const client = connect(await serve(echo));
  const headers = { 'content-length': 6 };
  const long = await client.http.put('/', { headers, body: pieces('abc', 'defg') });
  expect(long.error).toEqual({
    code: 'upload_failed',
    message: 'the body could not be sent: it is longer than its content-length of 6 bytes',
  });
  const short = await client.http.put('/', { headers, body: pieces('abc') });
  expect(short.error?.message).toContain('it ended after 3 of the 6 bytes');
  const unclear = { headers: { 'content-length': 'six' }, body: pieces('a') };
  expect(() => client.http.put('/', unclear)).toThrow('"six" is not a content-length');
});

test('a source that throws fails its request and no other', async () => {
  const client = connect(await serve(echo));
  const body = async function* () {
    yield 'a';
    throw new Error('the file is gone');
  };
  const { error } = await client.http.post('/', { body });
  expect(error).toEqual({ code: 'upload_failed', message: 'the body could not be sent: the file is gone' });
  const numbers = Readable.from([1, 2]) as AsyncIterable<never>;
  expect((await client.http.post('/', { body: numbers })).error?.message).toContain(
    'a piece of the body is a number',
  );
  expect((await client.http.post('/', { body: 'b' })).body).toBe('1 - b');
  expect(client.failures).toEqual(['upload_failed', 'upload_failed']);
});

test('the source is read no faster than the server takes it', async () => {
  let readOn = (): void => {};
  const base = await serve((request, response) => {
    readOn = () => void buffer(request).then((body) => response.end(String(body.length)));
  });
  const client = connect(base);
  let made = 0;
  const piece = Buffer.alloc(256 * 1024, 'x');
  const body = async function* () {
    for (; made < 200; made++) yield piece;
  };
  const answer = client.http.post('/', { body });
  await delay(300);
  const madeWhileStuck = made;
  expect(madeWhileStuck).toBeGreaterThan(0);
  expect(madeWhileStuck).toBeLessThan(100);
  readOn();
  expect((await answer).body).toBe(String(200 * piece.length));
  const [sent] = client.meter.values('data_sent');
  expect(sent).toBeGreaterThan(200 * piece.length);
  expect(sent).toBeLessThan(201 * piece.length);
});

test('an answer in the middle of the body ends the sending', async () => {
  const sockets = new Set<unknown>();
  const base = await serve((request, response) => {
    sockets.add(request.socket);
    if (request.url === '/full') {
      request.once('data', () => response.writeHead(413).end('enough'));
    } else {
      response.end('ok');
    }
  });
  const client = connect(base);
  let finished = false;
  const body = async function* () {
    try {
      while (true) {
        await delay(2);
        yield 'more and more';
      }
    } finally {
      finished = true;
    }
  };
  expect(await client.http.post('/full', { body })).toMatchObject({ status: 413, body: 'enough' });
  expect((await client.http.get('/')).body).toBe('ok');
  // The connection with half a body on it is not used again.
  expect(sockets.size).toBe(2);
  await expect.poll(() => finished).toBe(true);
});

test('a timeout or the end of the session stops the source', async () => {
  const base = await serve(() => {});
  const client = connect(base);
  const stuck = new Readable({ read() {} });
  stuck.push('a');
  expect((await client.http.post('/', { body: stuck, timeout: 60 })).error?.code).toBe('timeout');
  expect(stuck.destroyed).toBe(true);

  const other = new Readable({ read() {} });
  other.push('a');
  const pending = client.http.post('/', { body: other });
  await delay(60);
  client.http.close();
  await expect(pending).rejects.toThrow();
  expect(other.destroyed).toBe(true);
  expect(client.failures).toEqual(['timeout', 'aborted']);
});

test('a slow source does not count as a slow server', async () => {
  const client = connect(await serve(echo), { responseTimeoutMs: 80 });
  const body = async function* () {
    await delay(150);
    yield 'late';
  };
  const { timings, error } = await client.http.post('/', { body });
  expect(error).toBeNull();
  expect(timings.sending).toBeGreaterThanOrEqual(140);
  expect(timings.waiting).toBeLessThan(80);
});

test('a function that opens the body lets it follow redirects, challenges and failures', async () => {
  let failures = 2;
  const bodies: string[] = [];
  const base = await serve((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      if (request.url === '/moved') response.writeHead(307, { location: '/here' }).end();
      else if (request.url === '/flaky' && failures-- > 0) response.writeHead(503).end();
      else response.end('ok');
    });
  });
  const client = connect(base);
  const open = () => pieces('x', 'y');
  expect((await client.http.post('/moved', { body: open })).body).toBe('ok');
  const retries = { count: 2, on: [503], backoff: 1 };
  expect((await client.http.post('/flaky', { body: open, retries })).body).toBe('ok');
  expect(bodies).toEqual(['xy', 'xy', 'xy', 'xy', 'xy']);

  // What can be read once only is not sent twice: the redirect and the failure are the answers.
  failures = 2;
  expect((await client.http.post('/moved', { body: open() })).status).toBe(307);
  expect((await client.http.post('/flaky', { body: open(), retries })).status).toBe(503);
});

test('a server that closes in the middle of the body: the request fails once', async () => {
  const port = await listen(
    http.createServer((request) => {
      request.once('data', () => request.socket.destroy());
    }),
  );
  const client = connect(`http://127.0.0.1:${port}`);
  const body = async function* () {
    for (let i = 0; i < 1000; i++) {
      await delay(1);
      yield 'some bytes';
    }
  };
  const { error } = await client.http.put('/', { body });
  expect(error?.code).toMatch(/connection_closed|ECONNRESET|EPIPE/);
  expect(client.meter.requests()).toBe(1);
});
