// Handshakes that fail with real servers: what is told, and that the setting it names helps.

import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { TlsPlan } from '../../model/http-settings.ts';
import { explainTlsError } from '../../network/tls-failures.ts';
import { delay } from '../../time/timer.ts';
import { makeCertificate } from './certificates.cases.ts';
import { atEnd, connect, listen } from './keeping-client.cases.ts';

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const own = makeCertificate({ name: 'own', hosts: ['127.0.0.1'], issuer: authority });
const rsa = makeCertificate({ name: 'rsa', hosts: ['127.0.0.1'], issuer: authority, rsaBits: 2048 });
const trusting: HttpSecrets = { tls: { ca: [authority.cert] } };

/** A server that answers every request alike; returns its port. */
async function serveTls(options: tls.TlsOptions): Promise<number> {
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  server.on('tlsClientError', () => {});
  return listen(server);
}

async function ask(port: number, plan: Partial<TlsPlan> = {}, secrets: HttpSecrets = trusting) {
  const settings = { tls: { insecureSkipVerify: false, sessionReuse: 'none', ...plan } } as const;
  const { http } = connect(`https://127.0.0.1:${port}`, { ...settings, timeoutMs: 5000 }, secrets);
  const { status, error } = await http.get('/');
  return status === 0 ? error! : { code: `status ${status}`, message: '' };
}

/** Diffie-Hellman parameters of 1024 bits (RFC 2409, group 2) in PEM. */
function smallGroup(): string {
  const prime = crypto.getDiffieHellman('modp2').getPrime();
  const integers = Buffer.concat([Buffer.from([2, 0x81, 0x81, 0]), prime, Buffer.from([2, 1, 2])]);
  const sequence = Buffer.concat([Buffer.from([0x30, 0x81, integers.length]), integers]);
  return `-----BEGIN DH PARAMETERS-----\n${sequence.toString('base64')}\n-----END DH PARAMETERS-----\n`;
}

test.each(['TLSv1', 'TLSv1.1'] as const)('a server that speaks %s alone', async (version) => {
  const port = await serveTls({
    ...own,
    minVersion: version,
    maxVersion: version,
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  const refused = await ask(port);
  expect(refused.code).toBe('tls_version_refused');
  expect(refused.message).toContain(
    'for TLS 1.0 and 1.1 set http.tls.minVersion to "tls1.0" and http.tls.ciphers to "DEFAULT@SECLEVEL=0"',
  );
  // Half of it is not enough, and the other half is named. OpenSSL 3.0 (Node 20) offers the version and finds the
  // signature too weak; 3.5 (Node 22 and later) does not offer it.
  const weak = await ask(port, { minVersion: 'tls1.0' });
  const isOffered = Number.parseFloat(process.versions.openssl) < 3.5;
  expect(weak.code).toBe(isOffered ? 'tls_too_weak' : 'tls_version_refused');
  expect(weak.message).toContain('http.tls.ciphers to "DEFAULT@SECLEVEL=0"');
  expect((await ask(port, { minVersion: 'tls1.0', ciphers: 'DEFAULT@SECLEVEL=0' })).code).toBe('status 200');
});

test('a Diffie-Hellman group, and a key of a certificate, that are too small', async () => {
  const dhparam = smallGroup();
  const maxVersion = 'TLSv1.2';
  const dh = await serveTls({
    ...rsa,
    dhparam,
    maxVersion,
    ciphers: 'DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0',
  });
  const strict = { ciphers: 'DEFAULT@SECLEVEL=2' };
  const lax = { ciphers: 'DEFAULT@SECLEVEL=0' };
  const small = await ask(dh, strict);
  expect(small.code).toBe('tls_too_weak');
  expect(small.message).toMatch(/set http\.tls\.ciphers to "DEFAULT@SECLEVEL=0".*dh key too small/);
  expect((await ask(dh, lax)).code).toBe('status 200');
  const short = makeCertificate({ name: 'short', hosts: ['127.0.0.1'], issuer: authority, rsaBits: 1024 });
  const port = await serveTls({ ...short, ...lax, maxVersion });
  const key = await ask(port, strict);
  expect(key.code).toBe('tls_too_weak');
  expect(key.message).toMatch(
    /its certificate is weaker than OpenSSL accepts; renew it, or set http\.tls\.ciphers/,
  );
  expect((await ask(port, lax)).code).toBe('status 200');
});

test('an authority of our own that is not the right one, and a server that wants to know its clients', async () => {
  const other = makeCertificate({ name: 'Other Authority', isAuthority: true });
  const wrong = await ask(await serveTls(own), {}, { tls: { ca: [other.cert] } });
  expect(wrong.code).toBe('tls_certificate_untrusted');
  expect(wrong.message).toContain('http.tls.ca to the authority that issued it (it replaces the well-known');
  const asking = { ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
  expect((await ask(await serveTls(asking))).code).toBe('tls_client_certificate_required');
  const older = await serveTls({ ...asking, maxVersion: 'TLSv1.2' });
  const failed = await ask(older);
  expect(failed.code).toBe('tls_handshake_failed');
  expect(failed.message).toContain(
    'the server may also require a client certificate (http.tls.cert and http.tls.key)',
  );
  const client = makeCertificate({ name: 'client', issuer: authority });
  const { cert, key } = client;
  expect((await ask(older, {}, { tls: { ca: [authority.cert], cert, key } })).code).toBe('status 200');
});

test('a server that hangs up during the handshake, and one that speaks no TLS', async () => {
  const closing = net.createServer((socket) => socket.on('error', () => {}).on('data', () => socket.end()));
  const hungUp = await ask(await listen(closing));
  expect(hungUp.code).toBe('ECONNRESET');
  expect(hungUp.message).toMatch(
    /^127\.0\.0\.1:\d+: it hung up during the TLS handshake; check that the port/,
  );
  const ssh = net.createServer((socket) => socket.on('error', () => {}).write('SSH-2.0-OpenSSH_9.6\r\n'));
  const spoken = await ask(await listen(ssh));
  expect(spoken.code).toBe('tls_not_spoken');
  expect(spoken.message).toContain('use an http:// URL, or the port for https');
});

test('a server that speaks TLS where plain HTTP was asked for', async () => {
  // An alert "unexpected message", as servers send it.
  const server = net.createServer((socket) =>
    socket.on('error', () => {}).on('data', () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 10]))),
  );
  const { http } = connect(`http://127.0.0.1:${await listen(server)}`);
  expect((await http.get('/')).error).toEqual({
    code: 'protocol_error',
    message: 'the server speaks TLS on this port; use an https:// URL, or the port for http',
  });
});

test('names in the handshake go without a final dot, and addresses are checked though not asked for', async () => {
  const asked: (string | false)[] = [];
  const named = makeCertificate({ name: 'named', hosts: ['shop.test', '127.0.0.1'], issuer: authority });
  const server = tls.createServer(named, (socket) => {
    asked.push((socket as tls.TLSSocket & { servername: string | false }).servername);
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
  });
  const port = await listen(server);
  const hosts = { 'shop.test.': `127.0.0.1:${port}`, '10.9.9.9': `127.0.0.1:${port}` };
  const { http } = connect('https://shop.test.', { hosts }, trusting);
  expect((await http.get('/')).status).toBe(200);
  expect((await http.get(`https://127.0.0.1:${port}/`)).status).toBe(200);
  expect(asked).toEqual(['shop.test', false]);
  // Connected to an address that the certificate is for, and asked for another one.
  expect((await http.get('https://10.9.9.9/')).error?.code).toBe('tls_certificate_wrong_host');
});

const hasGnutls = spawnSync('gnutls-serv', ['--version']).status === 0;

/** GnuTLS can be told to behave as old servers do. */
async function serveGnutls(...args: string[]): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-test-'));
  const file = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const free = await freePort();
  const files = ['--x509certfile', file('cert.pem', own.cert), '--x509keyfile', file('key.pem', own.key)];
  const server = spawn('gnutls-serv', [
    '--http',
    '--disable-client-cert',
    '-p',
    String(free),
    ...files,
    ...args,
  ]);
  atEnd(() => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  for (let tries = 0; tries < 100 && !(await accepts(free)); tries++) await delay(50);
  return free;
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

test.skipIf(!hasGnutls)('a server without secure renegotiation (RFC 5746)', async () => {
  const port = await serveGnutls('--priority', 'NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION');
  const refused = await ask(port);
  expect(refused.code).toBe('tls_legacy_renegotiation');
  expect(refused.message).toContain(
    'it does not know secure renegotiation (RFC 5746); update its TLS library, or set http.tls.legacyRenegotiation to true',
  );
  expect((await ask(port, { legacyRenegotiation: true })).code).toBe('status 200');
});

test.skipIf(!hasGnutls)('a server that does not serve the name that was asked for', async () => {
  const port = await serveGnutls('--sni-hostname', 'shop.test', '--sni-hostname-fatal');
  const refused = await ask(port, { servername: 'other.test' });
  expect(refused.code).toBe('tls_name_refused');
  expect(refused.message).toContain('set http.tls.servername to a name that it serves');
});

test.each([
  [
    'ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED',
    '',
    'tls_legacy_renegotiation',
    'sql.tls.legacyRenegotiation',
  ],
  [
    'EPROTO',
    'unsafe legacy renegotiation disabled',
    'tls_legacy_renegotiation',
    'sql.tls.legacyRenegotiation',
  ],
  ['EPROTO', 'dh key too small', 'tls_too_weak', 'sql.tls.ciphers to "DEFAULT@SECLEVEL=0"'],
  ['EPROTO', 'unsupported protocol', 'tls_version_refused', 'sql.tls.minVersion'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', '', 'tls_handshake_failed', 'sql.tls.ciphers'],
  ['ERR_SSL_TLS_ALERT_UNRECOGNIZED_NAME', '', 'tls_name_refused', 'sql.tls.servername'],
  ['CERT_REVOKED', '', 'tls_certificate_invalid', 'mend it'],
  ['INVALID_PURPOSE', '', 'tls_certificate_invalid', 'sql.tls.insecureSkipVerify'],
  ['EPROTO', 'something else', 'tls_handshake_failed', 'sql.tls.ciphers'],
])('%s %s is named, for whoever has the settings', (code, reason, named, hint) => {
  const message = `write EPROTO 80BC:error:0A000152:SSL routines:some_function:${reason}:../ssl/x.c:1:\n`;
  const explained = explainTlsError(Object.assign(new Error(message), { code }), 'db', 'sql.tls');
  expect(explained?.code).toBe(named);
  expect(explained?.hint).toContain(hint);
  expect(explained?.message).not.toContain('http.tls');
});

test('errors of another kind are not explained', () => {
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'UNSPECIFIED']) {
    expect(explainTlsError(Object.assign(new Error('read ECONNRESET'), { code }), 'x')).toBeUndefined();
  }
});
