// What no server may do (RFC 9113), and what one may do to cost its clients dear: each ends in a named error, with bounded memory
// and without a hang.

import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpPlan } from '../../../model/http-settings.ts';
import { delay } from '../../../time/timer.ts';
import { connect } from '../keeping-client.cases.ts';
import { frame, serveBytes } from './servers.cases.ts';

const clear: Partial<HttpPlan> = { version: '2', timeoutMs: 5000 };
const number = (value: number, size = 4): Buffer => {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
};
const settings = frame(4, 0, 0);
const setting = (id: number, value: number): Buffer =>
  frame(4, 0, 0, Buffer.concat([number(id, 2), number(value)]));
const head = (streamId: number, flags = 4, block = Buffer.from([0x88])): Buffer =>
  frame(1, flags, streamId, block);
const data = (streamId: number, text: string | Buffer, flags = 0): Buffer =>
  frame(0, flags, streamId, Buffer.from(text));
const windowUpdate = (streamId: number, byteCount: number): Buffer =>
  frame(8, 0, streamId, number(byteCount));
const reset = (streamId: number, code: number): Buffer => frame(3, 0, streamId, number(code));
const whole = (streamId: number): Buffer => Buffer.concat([head(streamId), data(streamId, 'ok', 1)]);
const largest = 2 ** 31 - 1;

/** The answers are given once, to the first bytes of a connection. */
const once = (...frames: Buffer[]) => serveBytes((socket) => void socket.write(Buffer.concat(frames)));

describe('frames that no server may send end the connection by name', () => {
  test.each<[string, Buffer[], string]>([
    ['a frame longer than allowed (4.2)', [data(1, Buffer.alloc(16_385))], 'http2_frame_size_error'],
    ['settings of a wrong length (6.5)', [frame(4, 0, 0, Buffer.alloc(5))], 'http2_frame_size_error'],
    ['settings of a stream (6.5)', [frame(4, 0, 1)], 'http2_protocol_error'],
    ['an acknowledgement with settings (6.5)', [frame(4, 1, 0, Buffer.alloc(6))], 'http2_frame_size_error'],
    ['a server that accepts pushes (6.5.2)', [setting(2, 1)], 'http2_protocol_error'],
    ['a window that is too large (6.5.2)', [setting(4, largest + 1)], 'http2_flow_control_error'],
    ['frames that are too small (6.5.2)', [setting(5, 16_383)], 'http2_protocol_error'],
    [
      'a window that overflows by settings (6.9.2)',
      [windowUpdate(1, largest - 65_535), setting(4, 65_536)],
      'http2_flow_control_error',
    ],
    ['a window that overflows (6.9.1)', [windowUpdate(0, largest)], 'http2_flow_control_error'],
    ['a window of a stream that overflows (6.9.1)', [windowUpdate(1, largest)], 'http2_flow_control_error'],
    ['an update of a window by nothing (6.9)', [windowUpdate(0, 0)], 'http2_protocol_error'],
    ['an update of a stream by nothing (6.9)', [windowUpdate(1, 0)], 'http2_protocol_error'],
    ['an update of a wrong length (6.9)', [frame(8, 0, 0, Buffer.alloc(3))], 'http2_frame_size_error'],
    ['an update of a stream never opened (5.1)', [windowUpdate(3, 1)], 'http2_protocol_error'],
    ['a ping of a wrong length (6.7)', [frame(6, 0, 0, Buffer.alloc(7))], 'http2_frame_size_error'],
    ['a ping of a stream (6.7)', [frame(6, 0, 1, Buffer.alloc(8))], 'http2_protocol_error'],
    ['a goodbye of a stream (6.8)', [frame(7, 0, 1, Buffer.alloc(8))], 'http2_protocol_error'],
    ['a goodbye that is cut off (6.8)', [frame(7, 0, 0, Buffer.alloc(7))], 'http2_frame_size_error'],
    ['the end of a stream never opened (6.4)', [reset(3, 8)], 'http2_protocol_error'],
    ['an end of a wrong length (6.4)', [frame(3, 0, 1, Buffer.alloc(5))], 'http2_frame_size_error'],
    ['a priority of a wrong length (6.3)', [frame(2, 0, 1, Buffer.alloc(4))], 'http2_frame_size_error'],
    ['a pushed response (8.4)', [frame(5, 4, 1, Buffer.from([0, 0, 0, 2, 0x88]))], 'http2_protocol_error'],
    ['a head of an even stream (5.1.1)', [head(2, 5)], 'http2_protocol_error'],
    ['a body of stream 0 (6.1)', [data(0, 'x')], 'http2_protocol_error'],
    [
      'padding longer than its frame (6.1)',
      [head(1), data(1, Buffer.from([5, 1, 2]), 8)],
      'http2_protocol_error',
    ],
    [
      'padding of a head longer than it (6.2)',
      [frame(1, 12, 1, Buffer.from([5, 0x88]))],
      'http2_protocol_error',
    ],
    ['a padded frame without its length (6.1)', [head(1), frame(0, 8, 1)], 'http2_frame_size_error'],
    ['a continuation of nothing (6.10)', [frame(9, 4, 1, Buffer.from([0x88]))], 'http2_protocol_error'],
    ['a frame within a head (6.10)', [head(1, 0), frame(6, 0, 0, Buffer.alloc(8))], 'http2_protocol_error'],
    ['a continuation of another stream (6.10)', [head(1, 0), frame(9, 4, 3)], 'http2_protocol_error'],
    [
      'a head that cannot be decompressed (4.3)',
      [head(1, 5, Buffer.from([0xbe]))],
      'http2_compression_error',
    ],
    ['a body before its head (8.1)', [data(1, 'x', 1)], 'http2_protocol_error'],
    [
      'an informational response as the last (8.1)',
      [head(1, 5, Buffer.from([0x08, 3, 0x31, 0x30, 0x33]))],
      'http2_protocol_error',
    ],
    [
      'fields after a body that goes on (8.1)',
      [head(1), data(1, 'x'), head(1, 4, Buffer.from([0x00, 1, 0x61, 1, 0x62]))],
      'http2_protocol_error',
    ],
    ['a second status (8.1)', [head(1), data(1, 'x'), head(1, 5)], 'http2_protocol_error'],
  ])('%s', async (_name, frames, code) => {
    const peer = await once(settings, ...frames);
    const client = connect(peer.url, clear);
    expect((await client.http.get('/')).error?.code).toBe(code);
    expect(client.meter.requests({ error_code: code })).toBe(1);
  });

  test('frames of a stream that has ended fail the others (5.1)', async () => {
    const peer = await serveBytes((socket) => {
      socket.write(settings);
      setTimeout(() => socket.write(Buffer.concat([whole(1), data(1, 'more')])), 30);
    });
    const client = connect(peer.url, clear);
    const [first, second] = await Promise.all([
      client.http.get('/1'),
      delay(15).then(() => client.http.get('/2')),
    ]);
    expect(first.body).toBe('ok');
    expect(second.error?.code).toBe('http2_stream_closed');
  });
});

describe('what servers may send', () => {
  const greased = [
    frame(0xb, 0xff, 0, Buffer.from('grease')),
    frame(4, 0, 0, Buffer.concat([number(0x1a1a, 2), number(7)])),
    frame(2, 0, 1, Buffer.alloc(5)),
    frame(0x0f, 0, 1, Buffer.alloc(100)),
  ];
  const padded = [
    frame(
      1,
      0x2c,
      1,
      Buffer.concat([Buffer.from([3]), Buffer.alloc(5), Buffer.from([0x88]), Buffer.alloc(3)]),
    ),
    frame(0, 9, 1, Buffer.concat([Buffer.from([200]), Buffer.from('ok'), Buffer.alloc(200)])),
  ];
  const inPieces = [
    head(1, 0, Buffer.from([0x88, 0x00])),
    frame(9, 0, 1, Buffer.from([1, 0x61])),
    frame(9, 4, 1, Buffer.from([1, 0x62])),
    data(1, 'o'),
    frame(0, 0, 1),
    data(1, 'k'),
    head(1, 5, Buffer.from([0x00, 1, 0x61, 1, 0x62])),
  ];
  const early = head(1, 4, Buffer.from([0x08, 3, 0x31, 0x30, 0x33]));

  test.each<[string, Buffer[]]>([
    ['unknown frames, flags and settings (4.1, 6.5.2)', [...greased, whole(1)]],
    ['padding and priorities', padded],
    ['heads in pieces, empty frames, and fields after the body', inPieces],
    ['informational responses', [early, early, whole(1)]],
  ])('%s', async (_name, frames) => {
    // All at once, and byte by byte.
    const bytes = Buffer.concat([settings, ...frames]);
    for (const size of [bytes.length, 1]) {
      const peer = await serveBytes((socket) => {
        socket.setNoDelay();
        const next = (at: number): void => {
          if (at >= bytes.length || socket.destroyed) return;
          socket.write(bytes.subarray(at, at + size), () => setImmediate(next, at + size));
        };
        next(0);
      });
      const client = connect(peer.url, clear);
      const response = await client.http.get('/');
      expect(response.error).toBeNull();
      expect(response.body).toBe('ok');
      expect(client.meter.values('data_received')).toEqual([bytes.length]);
    }
  });

  test('settings and pings are answered (6.5.3, 6.7)', async () => {
    const seen: Buffer[] = [];
    const peer = await serveBytes((socket) => {
      socket.on('data', (chunk) => seen.push(chunk));
      socket.write(
        Buffer.concat([settings, frame(6, 0, 0, Buffer.from('12345678')), frame(6, 1, 0, Buffer.alloc(8))]),
      );
      setTimeout(() => socket.write(whole(1)), 30);
    });
    expect((await connect(peer.url, clear).http.get('/')).body).toBe('ok');
    const answers = Buffer.concat(seen);
    expect(answers.includes(frame(4, 1, 0))).toBe(true);
    expect(answers.includes(frame(6, 1, 0, Buffer.from('12345678')))).toBe(true);
    expect(answers.includes(frame(6, 1, 0, Buffer.alloc(8)))).toBe(false);
  });

  test('frames that were under way when the client gave a request up are nothing wrong (5.1)', async () => {
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, setting(3, 100), head(1)]));
      setTimeout(() => socket.write(Buffer.concat([data(1, 'late', 1), whole(3)])), 150);
    });
    const client = connect(peer.url, clear);
    const [late, other] = await Promise.all([
      client.http.get('/1', { timeout: 80 }),
      delay(30).then(() => client.http.get('/2')),
    ]);
    expect(late.error?.code).toBe('timeout');
    expect(other.body).toBe('ok');
  });
});

describe('what costs clients dear', () => {
  /** Writes a frame again and again, as long as the client takes it. */
  async function flood(first: Buffer, again: Buffer): Promise<{ url: string; sentBytes: () => number }> {
    let sentBytes = 0;
    const peer = await serveBytes((socket: net.Socket) => {
      socket.write(first);
      const more = (): void => {
        while (!socket.destroyed && socket.writable && sentBytes < 64 * 1024 * 1024) {
          sentBytes += again.length;
          if (!socket.write(again)) return void socket.once('drain', more);
        }
      };
      more();
    });
    return { url: peer.url, sentBytes: () => sentBytes };
  }
  const many = (bytes: Buffer): Buffer => Buffer.concat(Array.from({ length: 200 }, () => bytes));

  test.each<[string, Buffer, Buffer]>([
    ['pings', settings, frame(6, 0, 0, Buffer.alloc(8))],
    ['settings', settings, setting(3, 100)],
    ['empty frames of a body', Buffer.concat([settings, head(1)]), frame(0, 0, 1)],
    ['updates of a window', settings, windowUpdate(1, 1)],
    ['priorities', settings, frame(2, 0, 1, Buffer.alloc(5))],
    ['frames of an unknown type', settings, frame(0xb, 0, 0)],
    ['empty pieces of a head', Buffer.concat([settings, head(1, 0)]), frame(9, 0, 1)],
    [
      'heads of a stream that the client ended',
      Buffer.concat([settings, reset(1, 8)]),
      frame(7, 0, 0, Buffer.concat([number(largest), number(0)])),
    ],
  ])('%s without end are given up', async (name, first, again) => {
    const { url, sentBytes } = await flood(first, many(again));
    const client = connect(url, clear);
    const { error } = await client.http.get('/');
    expect(error?.code).toBe(
      name.startsWith('heads of a stream') ? 'http2_cancel' : 'http2_enhance_your_calm',
    );
    await delay(50);
    expect(sentBytes()).toBeLessThan(32 * 1024 * 1024);
  });

  test('a server that resets each stream at once fails each request, and costs no more', async () => {
    let nextId = 1;
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, reset(1, 8)]));
      socket.on('data', () => {
        nextId += 2;
        if (socket.writable) socket.write(reset(nextId, 8));
      });
    });
    const client = connect(peer.url, clear);
    for (let i = 0; i < 300; i++) {
      const { error } = await client.http.get('/');
      expect(error).not.toBeNull();
    }
    expect(client.meter.requests()).toBe(300);
  });

  test('a window of nothing holds the body back, and the request runs out of time', async () => {
    let receivedBytes = 0;
    const peer = await serveBytes((socket) => {
      socket.on('data', (chunk) => {
        receivedBytes += chunk.length;
      });
      socket.write(setting(4, 0));
    });
    const client = connect(peer.url, { ...clear, timeoutMs: 400 });
    // The first goes out before the settings are known, and with it what the window is at first.
    expect((await client.http.post('/', { body: Buffer.alloc(1_000_000) })).error?.code).toBe('timeout');
    expect(receivedBytes).toBeLessThan(70_000);
  });

  test('a server that overruns the window of a slow reader fails that request alone (6.9.1)', async () => {
    const piece = data(1, Buffer.alloc(16_384));
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, head(1)]));
      socket.write(Buffer.concat(Array.from({ length: 300 }, () => piece)));
      setTimeout(() => socket.write(whole(3)), 200);
    });
    const client = connect(peer.url, clear);
    const slow = await client.http.get('/', { responseType: 'stream' });
    const [other] = await Promise.all([
      client.http.get('/other'),
      expect(
        delay(150).then(async () => {
          for await (const _piece of slow.body);
        }),
      ).rejects.toThrow(/window of the stream/),
    ]);
    expect(other.body).toBe('ok');
  });

  test('a bomb of a compressed head is no answer, and the next request is answered', async () => {
    // A field of 4,000 bytes in the table, named 10,000 times.
    const line = Buffer.concat([Buffer.from([0x40, 1, 0x61, 0x7f, 0xa1, 0x1e]), Buffer.alloc(4000, 'x')]);
    const bomb = head(1, 5, Buffer.concat([Buffer.from([0x88]), line, Buffer.alloc(10_000, 0xbe)]));
    const peer = await serveBytes((socket) => {
      socket.write(Buffer.concat([settings, bomb]));
      socket.on('data', (chunk) => {
        // Its request, not the end of the first stream.
        if (chunk.includes(Buffer.from('/next'))) socket.write(whole(3));
      });
    });
    const client = connect(peer.url, clear);
    const { error } = await client.http.get('/');
    expect(error?.code).toBe('http2_protocol_error');
    expect(error?.message).toContain('a head longer than 65536 bytes');
    expect((await client.http.get('/next')).body).toBe('ok');
  });
});
