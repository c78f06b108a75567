// Connections that users hold: messages sent by us = messages received by the server, exactly, with and without
// Ctrl-C, and each session counted once.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { expectFinished } from './exit-code.ts';
import { figureOf, readRun, startProfile } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';

/** What the server has seen: the truth. */
const seen = { upgrades: 0, received: 0, sent: 0, requests: 0, events: 0, closeCodes: [] as number[] };

let server: http.Server;
let sockets: WebSocketServer;
let url: string;
let folder: ReturnType<typeof temporaryFolder>;

/** Ten numbered events, then the end. */
function tellEvents(_request: http.IncomingMessage, response: http.ServerResponse): void {
  seen.requests++;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let number = 0;
  const timer = setInterval(() => {
    number++;
    seen.events++;
    response.write(`id: ${number}\ndata: {"number":${number}}\n\n`);
    if (number < 10) return;
    clearInterval(timer);
    response.end();
  }, 5);
  response.on('close', () => clearInterval(timer));
}

beforeEach(async () => {
  Object.assign(seen, { upgrades: 0, received: 0, sent: 0, requests: 0, events: 0, closeCodes: [] });
  folder = temporaryFolder();
  server = http.createServer(tellEvents);
  sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    seen.upgrades++;
    socket.on('close', (code) => seen.closeCodes.push(code));
    socket.on('error', () => {});
    socket.on('message', (data) => {
      seen.received++;
      if (!data.toString().startsWith('ask') || socket.readyState !== socket.OPEN) return;
      seen.sent++;
      socket.send(`re: ${data.toString()}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  folder.dispose();
});

/** Resolves when the server has read all that was sent to it: when every connection is gone. */
async function settled(): Promise<void> {
  const openCount = (): Promise<number> =>
    new Promise((resolve, reject) => {
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  while ((await openCount()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

const rounds = Array.from({ length: Number(process.env.PLIMSOLL_ROUNDS ?? 1) }, (_, round) => round + 1);

test.each(rounds)('every session, message and event is accounted for, round %i', async () => {
  const run = startProfile('connections', 'chat', { url, outDir: folder.path, args: ['--workers', '2'] });
  const result = await run.done;
  await settled();
  expectFinished(result);
  const { record } = readRun(folder.path, 'connections', result);
  expect(record.errors).toEqual([]);
  expect(record.checks.filter(({ fails }) => fails > 0)).toEqual([]);

  expect(figureOf(record, 'ws_sessions')).toBe(seen.upgrades);
  expect(figureOf(record, 'ws_msgs_sent')).toBe(seen.received);
  expect(figureOf(record, 'ws_msgs_received')).toBe(seen.sent);
  expect(figureOf(record, 'ws_session_failed', 'fails')).toBe(seen.upgrades);
  expect(figureOf(record, 'ws_session_duration')).toBe(seen.upgrades);
  expect(figureOf(record, 'ws_request_duration')).toBe(seen.sent);
  const talking = { task: 'talk', user: 'chatter', name: '/chat' };
  const key = `{name:${talking.name},task:${talking.task},user:${talking.user}}`;
  // Those kept in the session stay open over iterations, until their user ends.
  expect(figureOf(record, `ws_sessions${key}`)).toBe(20);
  expect(seen.closeCodes.filter((code) => code === 1001)).toHaveLength(20);
  expect(seen.closeCodes.filter((code) => code === 1000)).toHaveLength(seen.upgrades - 20);

  expect(figureOf(record, 'http_reqs')).toBe(seen.requests);
  expect(figureOf(record, 'sse_sessions')).toBe(seen.requests);
  expect(figureOf(record, 'sse_events')).toBe(seen.events);
  expect(figureOf(record, 'sse_time_to_first_event')).toBe(seen.requests);
  expect(figureOf(record, 'data_sent')).toBeGreaterThan(0);
});

test.each(rounds)('also when interrupted twice, round %i', async () => {
  const run = startProfile('connections', 'endless', { url, outDir: folder.path, args: ['--workers', '2'] });
  await run.saw(/running connections/);
  while (seen.received < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  run.child.kill('SIGINT');
  await run.saw(/stopping/);
  run.child.kill('SIGINT');
  const result = await run.done;
  await settled();
  expect(result.code, result.stdout + result.stderr).toBe(130);
  const { record } = readRun(folder.path, 'connections', result);
  expect(record.errors.filter(({ code }) => code !== 'aborted')).toEqual([]);
  expect(figureOf(record, 'ws_sessions')).toBe(seen.upgrades);
  expect(figureOf(record, 'ws_msgs_sent')).toBe(seen.received);
  expect(figureOf(record, 'ws_msgs_received')).toBeLessThanOrEqual(seen.sent);
  expect(figureOf(record, 'http_reqs')).toBe(seen.requests);
  expect(figureOf(record, 'sse_sessions')).toBeLessThanOrEqual(seen.requests);
  expect(figureOf(record, 'sse_events')).toBeLessThanOrEqual(seen.events);
});
