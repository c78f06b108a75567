import https from 'node:https';
import type { SecureVersion, TLSSocket, TlsOptions } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { HttpPlan, TlsPlan } from '../../model/http-settings.ts';
import { delay } from '../../time/timer.ts';
import { makeCertificate } from './certificates.cases.ts';
import { type Client, connect, listen, serve } from './keeping-client.cases.ts';

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const loopback = makeCertificate({ name: 'loopback', hosts: ['127.0.0.1', 'localhost'], issuer: authority });
const trusting: HttpSecrets = { tls: { ca: [authority.cert] } };

/** An HTTPS server until the test ends; answers with what it knows of the client's side of TLS. */
async function serveTls(options: TlsOptions): Promise<{ port: number; url: string; sockets: TLSSocket[] }> {
  const sockets: TLSSocket[] = [];
  const server = https.createServer(options, (request, response) => {
    const socket = request.socket as TLSSocket;
    const { servername } = socket as TLSSocket & { servername: string | false };
    const subject = socket.getPeerCertificate().subject?.CN ?? null;
    const close = request.url === '/close';
    response.writeHead(200, close ? { connection: 'close' } : {});
    response.end(JSON.stringify({ servername, subject, reused: socket.isSessionReused() }));
  });
  server.on('secureConnection', (socket) => sockets.push(socket));
  server.on('tlsClientError', () => {});
  const port = await listen(server);
  return { port, url: `https://127.0.0.1:${port}`, sockets };
}

function withTls(tls: Partial<TlsPlan>, rest: Partial<HttpPlan> = {}): Partial<HttpPlan> {
  return { ...rest, tls: { insecureSkipVerify: false, sessionReuse: 'none', ...tls } };
}

interface Peer {
  servername: string | false;
  subject: string | null;
  reused: boolean;
}

describe('certificates of the target', () => {
  test('an authority of our own is trusted in place of the well-known ones', async () => {
    const { url } = await serveTls(loopback);
    expect((await connect(url, {}, trusting).http.get('/')).status).toBe(200);
    const refused = await connect(url).http.get('/');
    expect(refused.error).toMatchObject({ code: 'tls_certificate_untrusted' });
    expect(refused.error?.message).toMatch(/authority that is not trusted; set http\.tls\.ca/);
  });

  const expired = makeCertificate({
    name: 'old',
    hosts: ['127.0.0.1'],
    issuer: authority,
    validFrom: new Date('2020-01-01'),
    validTo: new Date('2021-01-01'),
  });
  const early = makeCertificate({
    name: 'early',
    hosts: ['127.0.0.1'],
    issuer: authority,
    validFrom: new Date(Date.now() + 86_400_000),
    validTo: new Date(Date.now() + 2 * 86_400_000),
  });
  const selfSigned = makeCertificate({ name: 'self', hosts: ['127.0.0.1'] });
  const otherHost = makeCertificate({ name: 'other', hosts: ['other.example'], issuer: authority });

  test.each([
    ['expired', expired, 'tls_certificate_expired', /has expired; renew it/],
    ['not valid yet', early, 'tls_certificate_not_yet_valid', /check the clocks/],
    ['self-signed', selfSigned, 'tls_certificate_self_signed', /http\.tls\.ca/],
    ['for another host', otherHost, 'tls_certificate_wrong_host', /http\.tls\.servername/],
  ])(
    'one that is %s fails with a code and a remedy, unless told to skip',
    async (_name, pair, code, hint) => {
      const { url } = await serveTls(pair);
      const strict = connect(url, {}, trusting);
      const { error } = await strict.http.get('/');
      expect(error?.code).toBe(code);
      expect(error?.message).toMatch(hint);
      expect(error?.message).toContain('127.0.0.1');
      expect(strict.failures).toEqual([code]);
      expect(strict.meter.requests({ error_code: code })).toBe(1);
      expect((await connect(url, withTls({ insecureSkipVerify: true })).http.get('/')).status).toBe(200);
    },
  );

  test('a server without TLS is told apart', async () => {
    const plain = await serve((_request, response) => response.end('ok'));
    const { error } = await connect(plain.replace('http:', 'https:')).http.get('/');
    expect(error).toMatchObject({ code: 'tls_not_spoken' });
  });
});

describe('what the client shows', () => {
  test('the name asked for is the host, or what servername says', async () => {
    const { port, url } = await serveTls(loopback);
    const byName = await connect(`https://localhost:${port}`, {}, trusting).http.get('/');
    expect(byName.json<Peer>().servername).toBe('localhost');
    const bare = await connect(url, {}, trusting).http.get('/');
    expect(bare.json<Peer>().servername).toBe(false);
    const renamed = await connect(url, withTls({ servername: 'localhost' }), trusting).http.get('/');
    expect(renamed.json<Peer>().servername).toBe('localhost');
    const wrong = await connect(url, withTls({ servername: 'shop.example' }), trusting).http.get('/');
    expect(wrong.error?.code).toBe('tls_certificate_wrong_host');
  });

  test('a client certificate is shown, and its absence has a name', async () => {
    const own = makeCertificate({ name: 'tester', issuer: authority });
    const { url } = await serveTls({
      ...loopback,
      ca: authority.cert,
      requestCert: true,
      rejectUnauthorized: true,
    });
    const secrets = { tls: { ca: [authority.cert], cert: own.cert, key: own.key } };
    expect((await connect(url, {}, secrets).http.get('/')).json<Peer>().subject).toBe('tester');
    const { error } = await connect(url, {}, trusting).http.get('/');
    expect(error).toMatchObject({ code: 'tls_client_certificate_required' });
    expect(error?.message).toContain('http.tls.cert');
  });
});

describe('handshakes', () => {
  test.each(['tls1.2', 'tls1.3'] as const)('%s is negotiated when asked for, and tagged', async (version) => {
    const { url } = await serveTls(loopback);
    const client = connect(url, withTls({ minVersion: version, maxVersion: version }), trusting);
    expect((await client.http.get('/')).status).toBe(200);
    expect(client.meter.requests({ tls_version: version, proto: 'HTTP/1.1', status: '200' })).toBe(1);
  });

  test('versions and ciphers that do not meet are a failure of their own', async () => {
    const maxVersion: SecureVersion = 'TLSv1.2';
    const { url } = await serveTls({ ...loopback, maxVersion, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    const newer = await connect(url, withTls({ minVersion: 'tls1.3' }), trusting).http.get('/');
    expect(newer.error?.code).toBe('tls_version_refused');
    const ciphers = 'ECDHE-ECDSA-AES256-GCM-SHA384';
    const other = await connect(url, withTls({ maxVersion: 'tls1.2', ciphers }), trusting).http.get('/');
    expect(other.error?.code).toBe('tls_handshake_failed');
    const same = withTls({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    expect((await connect(url, same, trusting).http.get('/')).status).toBe(200);
  });

  async function reusedAfter(sessionReuse: TlsPlan['sessionReuse']): Promise<readonly boolean[]> {
    const { url } = await serveTls(loopback);
    const client = connect(url, withTls({ sessionReuse }), trusting);
    const ask = async (http: Client['http']): Promise<boolean> =>
      (await http.get('/close')).json<Peer>().reused;
    const first = await ask(client.http);
    // With TLS 1.3 the ticket comes after the handshake.
    await delay(20);
    return [first, await ask(client.http), await ask(client.another())];
  }
  test('sessions are used again within a VU, a worker, or not at all', async () => {
    expect(await reusedAfter('vu')).toEqual([false, true, false]);
    expect(await reusedAfter('worker')).toEqual([false, true, true]);
    expect(await reusedAfter('none')).toEqual([false, false, false]);
  });

  test('the handshake is timed apart from the connecting, once per connection', async () => {
    const { url, sockets } = await serveTls(loopback);
    const client = connect(url, {}, trusting);
    const { timings } = await client.http.get('/');
    await client.http.get('/');
    expect(sockets).toHaveLength(1);
    const handshakes = client.meter.values('http_req_tls_handshaking');
    expect(handshakes[0]).toBe(timings.tls_handshaking);
    expect(timings.tls_handshaking).toBeGreaterThan(0);
    expect(timings.connecting).toBeGreaterThan(0);
    expect(timings.blocked).toBeGreaterThanOrEqual(timings.connecting + timings.tls_handshaking);
    expect(handshakes[1]).toBe(0);
    const plain = connect(await serve((_request, response) => response.end('ok')));
    await plain.http.get('/');
    expect(plain.meter.values('http_req_tls_handshaking')).toEqual([0]);
    expect(plain.meter.requests({ proto: 'HTTP/1.1' })).toBe(1);
  });
});
