// Event streams of a user against real HTTP servers, good and bad: what is read of them, and what is recorded.

import type http from 'node:http';
import net from 'node:net';
import { expect, test } from 'vitest';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { connectUser, until } from '../held.cases.ts';
import { listen, serve } from '../http/keeping-client.cases.ts';
import type { SseEvent } from './sse.ts';

/** A server whose streams say what `tell` makes them say. */
function serveEvents(
  tell: (response: http.ServerResponse, request: http.IncomingMessage, number: number) => void,
): Promise<string> {
  let number = 0;
  return serve((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
    tell(response, request, number++);
  });
}

test('events come with type, data and id, whatever the lines and chunks are', async () => {
  let accept: string | undefined;
  const url = await serveEvents((response, request) => {
    accept = request.headers.accept;
    const text =
      '\u{feff}: a comment\n\ndata: one\n\nevent: price\r\nid: 7\r\ndata: {"value":\r\ndata: 5}\r\n\r\n' +
      'retry: 1234\nunknown: x\ndata:  two spaces\n\ndata: größer €\n\ndata: half an event';
    const bytes = Buffer.from(text);
    let at = 0;
    const next = (): void => {
      at += 3;
      if (at - 3 < bytes.length) response.write(bytes.subarray(at - 3, at), () => setImmediate(next));
      else response.end();
    };
    next();
  });
  const { sse, count, meter, failures } = connectUser(url);
  const stream = await sse.connect('/prices/17', { params: { of: 'tea' } });
  expect(stream).toMatchObject({ status: 200, ok: true, error: null, closed: false });
  expect(accept).toBe('text/event-stream');
  const events: SseEvent[] = [];
  for await (const event of stream) events.push(event);
  expect(events.map(({ type, data, id, retry }) => [type, data, id, retry])).toEqual([
    ['message', 'one', '', undefined],
    ['price', '{"value":\n5}', '7', undefined],
    ['message', ' two spaces', '7', 1234],
    ['message', 'größer €', '7', 1234],
  ]);
  expect(events[1]!.json()).toEqual({ value: 5 });
  expect(() => events[0]!.json()).toThrow('the event "message" is not JSON: "one"');
  expect(stream).toMatchObject({ closed: true, error: null, lastEventId: '7' });

  const tags = { name: '/prices/:id', status: '200', scenario: 'default', user: 'u', task: 't' };
  expect(count('sse_sessions', tags)).toBe(1);
  expect(count('sse_events', tags)).toBe(4);
  expect(meter.values('sse_session_failed', tags)).toEqual([0]);
  const [first] = meter.values('sse_time_to_first_event', tags);
  const [duration] = meter.values('sse_session_duration', tags);
  expect(duration).toBeGreaterThanOrEqual(first!);
  expect(count('http_reqs', tags)).toBe(1);
  expect(failures).toEqual([]);
});

test('a stream may be asked for with a body, and closed before its end', async () => {
  let asked = '';
  const url = await serve((request, response) => {
    request.on('data', (chunk: Buffer) => {
      asked += `${request.method} ${chunk.toString()}`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: token\n\n');
    });
  });
  const { sse, count, failures } = connectUser(url);
  const stream = await sse.connect('/complete', { method: 'POST', json: { prompt: 'hello' } });
  expect((await stream.next())!.data).toBe('token');
  expect(await stream.next({ timeout: 20 })).toBeNull();
  expect(stream.closed).toBe(false);
  stream.close();
  expect(await stream.next()).toBeNull();
  expect(asked).toBe('POST {"prompt":"hello"}');
  expect(count('http_reqs', { status: '200' })).toBe(1);
  expect(count('sse_session_failed')).toBe(0);
  expect(failures).toEqual([]);
});

test('the timeout of http limits the wait for the answer, not the stream', async () => {
  const url = await serveEvents((response) => {
    setTimeout(() => response.end('data: late\n\n'), 2000);
  });
  const { sse, failures } = connectUser(url, { timeoutMs: 1500 });
  const stream = await sse.connect('/slow');
  expect((await stream.next())!.data).toBe('late');
  expect(failures).toEqual([]);

  const silent = connectUser(`http://127.0.0.1:${await listen(net.createServer((raw) => raw.resume()))}`);
  const refused = await silent.sse.connect('/never', { timeout: 60 });
  expect(refused).toMatchObject({ status: 0, ok: false, closed: true, error: { code: 'response_timeout' } });
  expect(silent.failures).toEqual(['response_timeout']);
  expect(silent.count('sse_sessions', { error_code: 'response_timeout' })).toBe(1);
});

test('what is no event stream is returned closed, or thrown when asked to', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/missing') response.writeHead(404).end('no');
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
  });
  const { sse, failures, meter } = connectUser(url);
  const missing = await sse.connect('/missing');
  expect(missing).toMatchObject({ status: 404, ok: false, closed: true, error: { code: 'sse_http_404' } });
  expect(await missing.next()).toBeNull();
  const page = await sse.connect('/page');
  expect(page).toMatchObject({ status: 200, ok: false, error: { code: 'sse_not_a_stream' } });
  await expect(sse.connect('/page', { throw: true })).rejects.toThrow(HttpRequestError);
  expect(meter.values('sse_session_failed')).toEqual([1, 1, 1]);
  expect(failures).toEqual(['http_404', 'sse_not_a_stream', 'sse_not_a_stream']);
});

test('a stream that is cut off in the middle has failed, and what came before counts', async () => {
  const url = await serveEvents((response) => {
    response.write('data: whole\n\ndata: ha');
    setTimeout(() => response.destroy(), 30);
  });
  const { sse, count, failures } = connectUser(url);
  const stream = await sse.connect('/events');
  const data: string[] = [];
  for await (const event of stream) data.push(event.data);
  expect(data).toEqual(['whole']);
  expect(stream.error).not.toBeNull();
  expect(failures).toEqual([stream.error!.code]);
  expect(count('sse_session_failed', { error_code: stream.error!.code })).toBe(1);
  expect(count('http_reqs')).toBe(1);
});

test.each([
  ['a line without end', 'data: ', 'x'.repeat(500)],
  ['an event without end', '', `data: ${'x'.repeat(490)}\n`],
])('%s is given up at the limit', async (_what, start, more) => {
  let isGone = false;
  const url = await serveEvents((response) => {
    response.write(`data: fine\n\n${start}`);
    const timer = setInterval(() => response.write(more), 1);
    response.on('close', () => {
      isGone = true;
      clearInterval(timer);
    });
  });
  const { sse, count, failures } = connectUser(url);
  const stream = await sse.connect('/endless', { maxEventSize: '4KB' });
  expect((await stream.next())!.data).toBe('fine');
  expect(await stream.next()).toBeNull();
  expect(stream).toMatchObject({ closed: true, error: { code: 'sse_event_too_large' } });
  expect(failures).toEqual(['sse_event_too_large']);
  expect(count('sse_session_failed')).toBe(1);
  await until(() => isGone);
});

test('reconnecting goes on from the last id, until the server says 204', async () => {
  const ids: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    ids.push(request.headers['last-event-id'] as string | undefined);
    if (ids.length === 4) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 5\nid: ${ids.length}\ndata: part ${ids.length}\n\n`);
    // The second one breaks, the others end in order.
    if (ids.length === 2) setTimeout(() => response.destroy(), 20);
    else response.end();
  });
  const { sse, count } = connectUser(url);
  const stream = await sse.connect('/events', { reconnect: true });
  const data: string[] = [];
  for await (const event of stream) data.push(event.data);
  expect(data).toEqual(['part 1', 'part 2', 'part 3']);
  expect(ids).toEqual([undefined, '1', '2', '3']);
  expect(stream.error).toBeNull();
  expect(count('sse_sessions')).toBe(3);
  expect(count('sse_session_failed')).toBe(1);
  expect(count('http_reqs')).toBe(4);
});

test('an event is there as soon as its lines are ended, by carriage returns as well', async () => {
  const url = await serveEvents((response) => {
    response.write('\u{feff}data: one\r\r');
    setTimeout(() => response.end('data: two\r\r'), 300);
  });
  const { sse } = connectUser(url);
  const stream = await sse.connect('/events');
  expect((await stream.next({ timeout: 200 }))?.data).toBe('one');
  expect((await stream.next())?.data).toBe('two');
  expect(await stream.next()).toBeNull();
});

test('an id without data, and one beyond ASCII, is what reconnecting tells', async () => {
  const ids: (string | undefined)[] = [];
  const url = await serveEvents((response, request, number) => {
    ids.push(request.headers['last-event-id'] as string | undefined);
    response.end(['retry: 1\nid: a1\n\n', 'id: größe …\ndata: x\n\n', 'id: \u0001\n\n'][number]!);
  });
  const { sse, failures } = connectUser(url);
  const stream = await sse.connect('/events', { reconnect: true });
  expect((await stream.next())?.id).toBe('größe …');
  // An id that no header can hold ends the stream, and nothing else.
  expect(await stream.next()).toBeNull();
  expect(ids).toEqual([undefined, 'a1', Buffer.from('größe …').toString('latin1')]);
  expect(stream.error!.code).toBe('sse_reconnect_failed');
  expect(stream.error!.message).toContain('the header "last-event-id" has a control character (U+0001)');
  expect(failures).toEqual(['sse_reconnect_failed']);
});

test('an answer that is no stream ends reconnecting, and no answer does not', async () => {
  let number = 0;
  const url = await serve((request, response) => {
    number++;
    if (number === 1 || number === 3) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('retry: 1\ndata: x\n\n');
    } else if (number === 2) request.socket.destroy();
    else response.writeHead(503).end();
  });
  const { sse } = connectUser(url);
  const stream = await sse.connect('/events', { reconnect: true });
  expect((await stream.next())?.data).toBe('x');
  expect((await stream.next())?.data).toBe('x');
  expect(await stream.next()).toBeNull();
  expect(stream).toMatchObject({ closed: true, status: 503, error: { code: 'sse_http_503' } });
  expect(number).toBe(4);
});

test('reconnects stop at their number', async () => {
  const url = await serveEvents((response, _request, number) => {
    response.end(`retry: 1\ndata: ${number}\n\n`);
  });
  const { sse, count } = connectUser(url);
  const stream = await sse.connect('/events', { reconnect: 2 });
  const data: string[] = [];
  for await (const event of stream) data.push(event.data);
  expect(data).toEqual(['0', '1', '2']);
  expect(count('sse_sessions')).toBe(3);
});

test('a user that ends closes its streams; one that is being read counts as aborted', async () => {
  const gone: string[] = [];
  const url = await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: hello\n\n');
    request.on('close', () => gone.push(request.url!));
  });
  const user = connectUser(url);
  const kept = await user.sse.connect('/kept');
  const read = await user.sse.connect('/read');
  const waiting = await user.sse.connect('/again', { reconnect: true });
  expect((await read.next())!.data).toBe('hello');
  const woken = expect(read.next()).rejects.toThrow(StoppedError);
  await user.end();
  await woken;
  await until(() => gone.length === 3);
  expect([kept.closed, read.closed, waiting.closed]).toEqual([true, true, true]);
  expect(user.failures).toEqual(['aborted']);
  expect(user.count('http_reqs', { status: '200' })).toBe(2);
  expect(user.count('http_reqs', { error_code: 'aborted' })).toBe(1);
  expect(user.count('sse_sessions')).toBe(3);
  expect(user.meter.values('sse_session_failed')).toEqual([0, 0, 0]);
  // A stream has no end of its own, so its end is no wait that was cut off; nor is one for an event that is not the first.
  expect([...user.meter.waits.keys()]).toEqual([]);
  await expect(read.next()).rejects.toThrow(StoppedError);
  await expect(user.sse.connect('/late')).rejects.toThrow(StoppedError);
});

test('a server of another kind entirely fails the stream as it fails the request', async () => {
  const port = await listen(net.createServer((raw) => void raw.end('GARBAGE\r\n\r\n')));
  const { sse, failures } = connectUser(`http://127.0.0.1:${port}`);
  expect((await sse.connect('/events')).error!.code).toBe('protocol_error');
  expect(failures).toEqual(['protocol_error']);
});
