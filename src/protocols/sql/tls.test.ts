// TLS with a real server: who is trusted, who lets in whom, and what is said when either goes wrong.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TargetError } from '../../model/errors.ts';
import { type RunningPostgres, startPostgres } from '../../target-kit/postgres.ts';
import { makeCertificate } from '../http/certificates.cases.ts';
import { atEnd, listen } from '../http/keeping-client.cases.ts';
import { assertDatabase } from './reachable.ts';
import type { SqlSecrets } from './setting-types.ts';
import { sql as settings } from './settings.ts';
import { connectTo, startTestServer, until } from './sql.cases.ts';

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const clients = makeCertificate({ name: 'Clients', isAuthority: true });
const known = makeCertificate({ name: 'known', issuer: clients });
const stranger = makeCertificate({ name: 'known' });
const trusting = { ca: [authority.cert] };

/** `secure` speaks TLS, `plain` speaks none. */
let secure: RunningPostgres;
let plain: RunningPostgres;
beforeAll(async () => {
  const hosts = ['127.0.0.1', 'db.example'];
  secure = await startTestServer(
    {},
    {
      tls: { ...makeCertificate({ name: 'loopback', hosts, issuer: authority }), clientCa: clients.cert },
      access: [
        'hostssl all known 127.0.0.1/32 cert',
        'hostssl all careful 127.0.0.1/32 scram-sha-256',
        'host all careful 127.0.0.1/32 reject',
      ],
    },
  );
  const admin = new Client(secure.url);
  await admin.connect();
  await admin.query("CREATE ROLE known LOGIN; CREATE ROLE careful LOGIN PASSWORD 'pw'");
  await admin.end();
  plain = await startTestServer();
}, 60_000);
afterAll(() => Promise.all([secure, plain].map((server) => server?.stop())));

function urlOf(server: { readonly url: string }, sslMode: string, user?: string, password = ''): string {
  const url = new URL(server.url);
  url.searchParams.set('sslmode', sslMode);
  if (user !== undefined) Object.assign(url, { username: user, password });
  return url.href;
}

/** The secure server by a name that its certificate does not hold. */
const elsewhere = {
  get url(): string {
    return secure.url.replace('127.0.0.1', 'localhost');
  },
};

const inUse = 'SELECT ssl, version, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()';

async function errorOf(url: string, tls?: SqlSecrets['tls'], plan = {}) {
  const { sql, failures, count } = connectTo(url, plan, tls);
  const { error } = await sql.query('SELECT 1');
  expect(failures).toEqual([error?.code]);
  expect(count('sql_op_failed', { error_code: error?.code ?? '' })).toBe(1);
  return error;
}

describe('sslmode', () => {
  it('disable does without, even where the server has it', async () => {
    const { rows } = await connectTo(urlOf(secure, 'disable')).sql.query(inUse);
    expect(rows).toEqual([{ ssl: false, version: null, client_dn: null }]);
  });

  it('require protects the connection, whoever the server is', async () => {
    for (const server of [secure, elsewhere]) {
      const { rows } = await connectTo(urlOf(server, 'require')).sql.query(inUse);
      expect(rows).toEqual([{ ssl: true, version: 'TLSv1.3', client_dn: null }]);
    }
  });

  it('is read by targets as it is by the load', async () => {
    const given = await startPostgres({ databaseUrl: urlOf(secure, 'require') });
    expect(given.version).toBe(secure.version);
    await expect(startPostgres({ databaseUrl: urlOf(secure, 'verify-full') })).rejects.toThrow(
      /does not answer: .*certificate/,
    );
    await expect(startPostgres({ databaseUrl: urlOf(plain, 'require') })).rejects.toThrow(
      /does not answer: .*does not support SSL/,
    );
  });

  it('require asks the authority that is named, if one is', async () => {
    expect((await connectTo(urlOf(elsewhere, 'require'), {}, trusting).sql.query(inUse)).ok).toBe(true);
    const error = await errorOf(urlOf(secure, 'require'), { ca: [clients.cert] });
    expect(error?.code).toMatch(/^tls_certificate_(untrusted|self_signed)$/);
  });

  it('verify-full lets in whom the authority vouches for, under that name only', async () => {
    const { rows } = await connectTo(urlOf(secure, 'verify-full'), {}, trusting).sql.query(inUse);
    expect(rows).toMatchObject([{ ssl: true }]);
    expect(await errorOf(urlOf(elsewhere, 'verify-full'), trusting)).toMatchObject({
      code: 'tls_certificate_wrong_host',
      class: 'connection',
      message: expect.stringMatching(
        /^localhost:\d+\/postgres: its certificate is for another host; set sql\.tls\.servername/,
      ),
    });
  });

  it('verify-ca is content with another name', async () => {
    expect(
      (await connectTo(urlOf(elsewhere, 'verify-ca'), {}, trusting).sql.query(inUse)).rows,
    ).toMatchObject([{ ssl: true }]);
  });

  it.each(['verify-ca', 'verify-full'])('%s refuses an authority that is not trusted', async (sslMode) => {
    expect(await errorOf(urlOf(secure, sslMode))).toMatchObject({
      code: 'tls_certificate_untrusted',
      class: 'connection',
      message: expect.stringContaining('issued by an authority that is not trusted; set sql.tls.ca'),
    });
  });
});

describe('sql.tls', () => {
  const checked = { insecureSkipVerify: false };

  it('checks the server by default, by another name when one is given', async () => {
    const url = urlOf(elsewhere, 'disable');
    expect((await errorOf(url, trusting, { tls: checked }))?.code).toBe('tls_certificate_wrong_host');
    const named = connectTo(url, { tls: { ...checked, servername: 'db.example' } }, trusting);
    expect((await named.sql.query(inUse)).rows).toMatchObject([{ ssl: true }]);
  });

  it('accepts any certificate when told to', async () => {
    const { sql } = connectTo(urlOf(secure, 'disable'), { tls: { insecureSkipVerify: true } });
    expect((await sql.query(inUse)).rows).toMatchObject([{ ssl: true }]);
  });

  it('shows the certificate of its own, in place of a password', async () => {
    const url = urlOf(secure, 'require', 'known');
    const { sql } = connectTo(url, {}, { ...trusting, ...known });
    expect((await sql.query(inUse)).rows).toMatchObject([{ ssl: true, client_dn: '/CN=known' }]);
    expect(await errorOf(url)).toMatchObject({ code: '28000', class: 'permission' });
    expect(await errorOf(url, { ...trusting, ...stranger })).toMatchObject({
      code: 'tls_client_certificate_refused',
      class: 'connection',
    });
  });
});

describe('certificates in the files that the URL names', () => {
  const read = (url: string) => settings.readSecrets!({ url }, { file: '/suite.ts', env: {} });

  it('are checked and shown, and their passphrase reaches no plan', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
    try {
      const url = new URL(urlOf(secure, 'verify-full', 'known'));
      url.searchParams.set('sslpassword', 'secret-word');
      for (const [name, text] of [
        ['sslrootcert', authority.cert],
        ['sslcert', known.cert],
        ['sslkey', known.key],
      ] as const) {
        writeFileSync(join(folder, name), text);
        url.searchParams.set(name, join(folder, name));
      }
      const plan = settings.plan({ url: url.href });
      expect(JSON.stringify(plan)).not.toContain('secret-word');
      const { tls } = await read(url.href);
      const { sql } = connectTo(plan.url!, {}, tls);
      expect((await sql.query(inUse)).rows).toMatchObject([{ ssl: true, client_dn: '/CN=known' }]);
      rmSync(join(folder, 'sslrootcert'));
      await expect(read(url.href)).rejects.toMatchObject({
        mistakes: [{ path: 'sslrootcert of the database URL', found: expect.stringContaining('ENOENT') }],
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be those that the system trusts', async () => {
    expect(await read('postgresql://h/db?sslmode=verify-full&sslrootcert=system')).toEqual({});
  });
});

describe('a server without TLS', () => {
  it('is told apart', async () => {
    expect(await errorOf(urlOf(plain, 'require'))).toMatchObject({
      code: 'tls_not_spoken',
      class: 'connection',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+\/postgres: it does not speak TLS; set ssl=on there/),
    });
  });

  it('that sends more than its answer is not believed', async () => {
    const port = await listen(
      net.createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => socket.write('S and more'));
      }),
    );
    expect((await errorOf(`postgresql://u:p@127.0.0.1:${port}/db?sslmode=require`))?.code).toBe(
      'tls_not_spoken',
    );
  });
});

describe('before the load', () => {
  async function complaintOf(url: string, secrets: SqlSecrets = {}): Promise<TargetError> {
    const { runtime } = connectTo(url);
    const { password } = new URL(url);
    const complaint = await assertDatabase(runtime.plan, { password, ...secrets }, false).catch(
      (error: unknown) => error,
    );
    expect(complaint).toBeInstanceOf(TargetError);
    return complaint as TargetError;
  }

  it('what is wrong with a certificate is said once, with what to set', async () => {
    const { message, hint } = await complaintOf(urlOf(secure, 'verify-full'));
    expect(message).toMatch(
      /^the database at 127\.0\.0\.1:\d+\/postgres cannot be used: its certificate was issued .* set sql\.tls\.ca to/,
    );
    expect(message.match(/127\.0\.0\.1/g)).toHaveLength(1);
    expect(hint).toBeUndefined();
  });

  it('a server that wants TLS, or a certificate, leads to the settings of these', async () => {
    expect(await complaintOf(urlOf(secure, 'disable', 'careful', 'pw'))).toMatchObject({
      message: expect.stringContaining('(28000)'),
      hint: expect.stringContaining('sslmode=require'),
    });
    expect(await complaintOf(urlOf(secure, 'require', 'known'))).toMatchObject({
      hint: 'set sql.tls.cert and sql.tls.key',
    });
    const { sql } = connectTo(urlOf(secure, 'require', 'careful', 'pw'));
    expect((await sql.query(inUse)).rows).toMatchObject([{ ssl: true }]);
  });
});

describe('over TLS', () => {
  it('results and copies larger than a record come whole, by a login without channel binding', async () => {
    const { sql } = connectTo(urlOf(secure, 'verify-full'), {}, trusting);
    const { rows } = await sql.query("SELECT repeat('x', 3000000) AS x");
    expect((rows[0]!.x as string).length).toBe(3_000_000);
    await sql.query('CREATE TABLE copied (line text)');
    const lines = Array.from({ length: 50 }, () => `${'y'.repeat(50_000)}\n`);
    expect((await sql.copyFrom('COPY copied FROM STDIN', lines)).rowCount).toBe(50);
    let size = 0;
    await sql.copyTo('COPY copied TO STDOUT', (piece) => {
      size += piece.length;
    });
    expect(size).toBe(50 * 50_001);
  });

  it('a statement that takes too long is cancelled by TLS as well', async () => {
    const seen: Buffer[] = [];
    const relay = net.createServer((client) => {
      const upstream = net.connect(Number(new URL(secure.url).port), '127.0.0.1');
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.on('data', (bytes) => seen.push(bytes));
      client.pipe(upstream).pipe(client);
    });
    const url = new URL(urlOf(secure, 'verify-full'));
    url.port = String(await listen(relay));
    const { sql } = connectTo(url.href, {}, trusting);
    const pid = (await sql.query('SELECT pg_backend_pid() AS pid')).rows[0]?.pid;
    const { error } = await sql.query('SELECT pg_sleep(30)', [], { timeout: 150 });
    expect(error).toMatchObject({ code: '57014', class: 'timeout' });
    expect((await sql.query('SELECT pg_backend_pid() AS pid')).rows).toEqual([{ pid }]);
    // A cancel request begins with its length, 16, and its code, 80877102: none went over the wire as it is.
    const request = Buffer.from([0, 0, 0, 16, 4, 210, 22, 46]);
    expect(Buffer.concat(seen).includes(request)).toBe(false);
  });

  it('a session that the server ends is told by its code, and the next statement opens another', async () => {
    const { sql, another } = connectTo(urlOf(secure, 'verify-full'), {}, trusting);
    const pid = (await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
    const running = sql.query('SELECT pg_sleep(30)');
    const observer = another();
    atEnd(() => observer.close());
    await until(
      async () =>
        (await observer.query("SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = 'active'", [pid]))
          .rowCount === 1,
    );
    await observer.query('SELECT pg_terminate_backend($1)', [pid]);
    expect((await running).error).toMatchObject({ code: '57P01', class: 'connection' });
    expect((await sql.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('the end leaves no session behind', async () => {
    const { sql, another, end } = connectTo(urlOf(secure, 'require'), { applicationName: 'leaving' });
    const running = sql.query('SELECT pg_sleep(30)').catch(() => null);
    await another().query('SELECT 1');
    const { sql: observer } = connectTo(urlOf(secure, 'require'));
    const sessions = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'leaving'";
    await until(async () => (await observer.query(sessions)).rowCount === 2);
    await end();
    await running;
    await until(async () => (await observer.query(sessions)).rowCount === 0);
  });
});
