import http from 'node:http';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { delay } from '../../time/timer.ts';
import { closeAll, connect, listen, serve } from './counting-client.cases.ts';

afterEach(closeAll);

test('a refused connection is a response with status 0, or throws when asked to', async () => {
  const server = net.createServer();
  const base = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const { http: client, meter } = connect(base);
  const response = await client.get('/');
  expect(response).toMatchObject({ status: 0, ok: false, error: { code: 'ECONNREFUSED' } });
  await expect(client.get('/', { throw: true })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(meter.sums.get('http_reqs 0 ECONNREFUSED')).toBe(2);
});

test('a server that never answers runs into the timeout, which counts in full', async () => {
  const base = await serve(() => {});
  const { http: client, meter } = connect(base);
  const response = await client.get('/', { timeout: 150 });
  expect(response.error).toMatchObject({ code: 'timeout' });
  expect(meter.values('http_req_duration')[0]).toBeGreaterThanOrEqual(150);
});

test.each([
  ['garbage', 'SSH-2.0-x\r\n', 'protocol_error'],
  [
    'a reset in the middle of the body',
    'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
    'connection_closed',
  ],
  ['nothing at all', '', 'connection_closed'],
])('%s is a failure by its name, and the next request gets a new connection', async (_name, bytes, code) => {
  let count = 0;
  const server = net.createServer((socket) => {
    const nth = count++;
    socket.on('error', () => {});
    socket.once('data', () => {
      if (nth === 0) socket.end(bytes);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
  });
  const { http: client, failures } = connect(await listen(server));
  expect((await client.get('/')).error).toMatchObject({ code });
  expect(failures).toEqual([code]);
  expect((await client.get('/')).body).toBe('ok');
});

test('bytes nobody asked for close the connection before they can become an answer', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrealHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake',
      );
    });
  });
  const { http: client } = connect(await listen(server));
  for (let i = 0; i < 5; i++) expect((await client.get('/')).body).toBe('real');
});

test('a server that announces a short keep-alive is not met at the moment it closes', async () => {
  const base = await serve((_request, response) => response.end('ok'));
  const server = http.createServer((_request, response) => response.end('ok'));
  server.keepAliveTimeout = 2000;
  const announced = await listen(server);
  expect(base).not.toBe(announced);
  let connections = 0;
  server.on('connection', () => connections++);
  const { http: client } = connect(announced);
  await client.get('/');
  await delay(1100);
  await client.get('/');
  expect(connections).toBe(2);
});

test('closing lets a sent request reach the server and counts it as aborted', async () => {
  let received = 0;
  const base = await serve(() => {
    received++;
  });
  const { http: client, meter } = connect(base);
  const pending = client.get('/');
  await delay(30);
  client.close();
  await expect(pending).rejects.toThrow('stopped');
  await delay(30);
  expect(received).toBe(1);
  expect(meter.sums.get('http_reqs 0 aborted')).toBe(1);
  expect(meter.sums.get('http_req_failed 0 aborted')).toBeUndefined();
  await expect(client.get('/')).rejects.toThrow('stopped');
});
