// Informational responses before the answer: RFC 9110 section 15.2, RFC 9113 section 8.1.

import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { serveClear } from './http2/servers.cases.ts';
import { connect, listen } from './keeping-client.cases.ts';

/** Answers each request by these pieces, so many ms apart. */
async function servePieces(pieces: readonly string[], gapMs: number): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      void (async () => {
        for (const [index, piece] of pieces.entries()) {
          if (index > 0) await delay(gapMs);
          socket.write(piece);
        }
      })();
    });
  });
  return `http://127.0.0.1:${await listen(server)}`;
}

const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n';
const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n';

describe('waiting lasts to the first byte of the final response', () => {
  test.each([
    ['hints, then the answer', [hints, `${head}hi`], [90, 200]],
    ['hints in two pieces', [hints.slice(0, 30), hints.slice(30), `${head}hi`], [190, 300]],
    ['hints twice', [hints, hints, `${head}hi`], [190, 300]],
    ['the answer begins with the hints', [hints + head.slice(0, 12), `${head.slice(12)}hi`], [0, 60]],
    ['hints that begin with hints', [hints + hints.slice(0, 12), hints.slice(12), `${head}hi`], [190, 300]],
    ['a slow body', [hints, head, 'hi'], [90, 170]],
    ['no hints', [head, 'hi'], [0, 60]],
  ])('%s', async (_name, pieces, [least, most]) => {
    const client = connect(await servePieces(pieces, 100));
    const { body, timings } = await client.http.get('/');
    expect(body).toBe('hi');
    expect(timings.waiting).toBeGreaterThanOrEqual(least!);
    expect(timings.waiting).toBeLessThan(most!);
    expect(timings.sending + timings.waiting + timings.receiving).toBeCloseTo(timings.duration, 6);
  });

  test('over HTTP/2', async () => {
    const server = await serveClear((stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
      setTimeout(() => {
        stream.respond({ ':status': 200 });
        stream.end('hi');
      }, 100);
    });
    const client = connect(server.url, { version: '2' });
    const { body, timings } = await client.http.get('/');
    expect(body).toBe('hi');
    expect(timings.waiting).toBeGreaterThanOrEqual(90);
  });
});

test('any number of them is fine, one that has no end is not', async () => {
  const processing = 'HTTP/1.1 102 Processing\r\n\r\n';
  const many = connect(await servePieces([`${processing.repeat(500)}${head}hi`], 0));
  expect((await many.http.get('/')).body).toBe('hi');
  expect((await many.http.get('/')).body).toBe('hi');

  let sentCount = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(timer));
    const timer = setInterval(() => {
      sentCount++;
      socket.write(processing.repeat(100));
    }, 1);
  });
  const endless = connect(`http://127.0.0.1:${await listen(server)}`);
  const { error } = await endless.http.get('/');
  expect(error).toEqual({ code: 'protocol_error', message: 'too many informational responses' });
  expect(sentCount).toBeLessThan(100);
});

test('over HTTP/2 17 of them are fine', async () => {
  const server = await serveClear((stream) => {
    for (let i = 0; i < 17; i++) stream.additionalHeaders({ ':status': 102 });
    stream.respond({ ':status': 200 });
    stream.end('hi');
  });
  expect((await connect(server.url, { version: '2' }).http.get('/')).body).toBe('hi');
});

test('a streamed body, a large request and HEAD go on after informational responses', async () => {
  const client = connect(await servePieces([hints, hints, `${head}hi`], 5));
  const { body } = await client.http.get('/', { responseType: 'stream' });
  const pieces: string[] = [];
  for await (const piece of body) pieces.push(String(piece));
  expect(pieces).toEqual(['hi']);
  const bare = connect(await servePieces([hints, hints, head], 5));
  expect((await bare.http.head('/')).status).toBe(200);
  expect((await bare.http.head('/')).status).toBe(200);
});
