import https from 'node:https';
import net from 'node:net';
import { expect, test } from 'vitest';
import { TargetError } from '../../model/errors.ts';
import { makeCertificate } from './certificates.cases.ts';
import { listen, serve } from './keeping-client.cases.ts';
import { assertReachable } from './reachable.ts';

const plan = { tls: { insecureSkipVerify: false, sessionReuse: 'none' } } as const;

async function troubleAt(...args: Parameters<typeof assertReachable>): Promise<TargetError> {
  const thrown: unknown = await assertReachable(...args).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TargetError);
  return thrown as TargetError;
}

test('a target that listens is reached without a request', async () => {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests++;
    response.end();
  });
  await assertReachable(url);
  expect(requests).toBe(0);
});

test('a port where nothing listens', async () => {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const { message, hint } = await troubleAt(`http://127.0.0.1:${port}`);
  expect(message).toMatch(/nothing can be reached at .*: the connection was refused/);
  expect(hint).toMatch(/start the target first/);
});

test('a name that nobody has', async () => {
  const { message, hint } = await troubleAt('http://no-such-host.invalid/');
  expect(message).toMatch(/nothing can be reached at .*host name/);
  expect(hint).toMatch(/check .*http\.hosts/);
});

test('a certificate that does not hold, and one that holds or is accepted', async () => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const own = makeCertificate({ name: 'own', hosts: ['127.0.0.1'], issuer: authority });
  let requests = 0;
  const server = https.createServer(own, () => requests++);
  server.on('tlsClientError', () => {});
  const url = `https://127.0.0.1:${await listen(server)}`;
  const { message, hint } = await troubleAt(url, plan);
  expect(message).toMatch(/cannot be used: its certificate was issued by an authority that is not trusted/);
  expect(hint).toMatch(/http\.tls\.ca/);
  await assertReachable(url, plan, { tls: { ca: [authority.cert] } });
  await assertReachable(url, { tls: { ...plan.tls, insecureSkipVerify: true } });
  const renamed = await troubleAt(
    url,
    { tls: { ...plan.tls, servername: 'other' } },
    { tls: { ca: [authority.cert] } },
  );
  expect(renamed.hint).toMatch(/http\.tls\.servername/);
  expect(requests).toBe(0);
});

test('a port without TLS, and one that hangs up', async () => {
  const plain = await serve((_request, response) => response.end());
  const { message } = await troubleAt(plain.replace('http:', 'https:'), plan);
  expect(message).toMatch(/does not speak TLS/);
  const port = await listen(net.createServer((socket) => socket.destroy()));
  const closed = await troubleAt(`https://127.0.0.1:${port}`, plan);
  expect(closed.message).toMatch(/nothing can be reached at/);
});

test('a proxy that is not there is named in place of the target', async () => {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const proxies = { http: `user:secret@127.0.0.1:${port}` };
  const { message, hint } = await troubleAt('http://shop.test', {}, { proxies });
  expect(message).toBe(
    `the proxy at 127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
  );
  expect(hint).toContain('check http.proxy');
});
