import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import type tls from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { Dialer } from '../network/dialer.ts';
import type { NameLookup } from '../network/name-lookup.ts';
import { createAgent, dialingUntil, ownConnection } from '../network/node-http.ts';
import { makeCertificate } from '../protocols/http/certificates.cases.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const lookup: NameLookup = (_name, callback) =>
  setImmediate(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
const dialer = new Dialer({ lookup });

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.closeAllConnections());
  closers.push(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

function answerOf(request: http.ClientRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.end();
  });
}

test('requests without an agent, over TLS as well, ask for their host by name', async () => {
  const pair = makeCertificate({ name: 'shop', hosts: ['shop.test'] });
  const answer: http.RequestListener = ({ headers, socket }, response) => {
    const { servername = '-' } = socket as tls.TLSSocket & { servername?: string };
    response.end(`${headers.host} ${servername}`);
  };
  const secure = await listen(https.createServer(pair, answer));
  const plain = await listen(http.createServer(answer));
  const url = new URL(`https://shop.test:${secure}/`);
  const { signal } = new AbortController();
  // Nobody trusts the certificate, and that is told.
  await expect(answerOf(https.request(url, ownConnection(dialer, url, signal)))).rejects.toThrow(
    'self-signed',
  );
  const plainUrl = new URL(`http://shop.test:${plain}/`);
  expect(await answerOf(http.request(plainUrl, ownConnection(dialer, plainUrl, signal)))).toBe(
    `shop.test:${plain} -`,
  );
});

test('an agent keeps its connections, and ends the dialing that a request has given up', async () => {
  const server = http.createServer((_request, response) => response.end('ok'));
  let connections = 0;
  server.on('connection', () => connections++);
  const port = await listen(server);
  const agent = createAgent(dialer, false, { keepAlive: true });
  closers.push(() => agent.destroy());
  const ask = (signal: AbortSignal) =>
    answerOf(http.request(`http://shop.test:${port}/`, { agent, ...dialingUntil(signal) }));
  const { signal } = new AbortController();
  expect(await ask(signal)).toBe('ok');
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ask(signal)).toBe('ok');
  expect(connections).toBe(1);
  const unanswered = new Dialer({ lookup: () => {} });
  const waiting = createAgent(unanswered, false, {});
  const giveUp = new AbortController();
  const request = http.request('http://shop.test/', { agent: waiting, ...dialingUntil(giveUp.signal) });
  setTimeout(() => giveUp.abort(), 20);
  await expect(answerOf(request)).rejects.toThrow('the connection attempt was cancelled');
});
