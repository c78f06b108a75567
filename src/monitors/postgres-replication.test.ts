// The monitor of PostgreSQL on a primary and on its standby: how far the one is behind the other.

import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endProcess, identify } from '../system/end-process.ts';
import { findFreePort } from '../system/free-port.ts';
import { findServerAccount } from '../system/os-account.ts';
import { findInstalled, serverEnvironment } from '../target-kit/postgres-binaries.ts';
import { read } from './monitor.cases.ts';
import { answers, connect, startTestServer, type TestServer, until, watch } from './postgres/server.cases.ts';

const run = promisify(execFile);
const account = await findServerAccount();
const binaries = await findInstalled(account).then(
  ({ folder }) => folder,
  () => '',
);

// The npm package has no pg_basebackup.
describe.runIf(existsSync(join(binaries, 'pg_basebackup')))('a standby', () => {
  let primary: TestServer;
  let standbyUrl = '';
  let folder = '';
  let pid: number | undefined;

  beforeAll(async () => {
    const settings = { wal_level: 'replica', max_wal_senders: '4', max_connections: '20' };
    primary = await startTestServer({ sources: ['path'], settings });
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-standby-'));
    await chmod(folder, 0o700);
    if (account !== undefined) await chown(folder, account.uid, account.gid);
    const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
    const options = { ...as, cwd: folder, env: serverEnvironment() };
    const source = ['-d', primary.url, '-D', folder, '-R', '-c', 'fast', '-X', 'stream'];
    await run(join(binaries, 'pg_basebackup'), source, options);
    const port = await findFreePort();
    const all = {
      ...settings,
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
    };
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(binaries, 'postgres'), ['-D', folder, ...args], { ...options, stdio: 'ignore' });
    pid = child.pid;
    const url = new URL(primary.url);
    url.port = String(port);
    standbyUrl = url.href;
    await until(() => answers(standbyUrl));
  });
  afterAll(async () => {
    if (pid !== undefined) await endProcess(identify(pid), [{ signal: 'SIGINT', waitMs: 15_000 }]);
    await primary?.end();
    await rm(folder, { recursive: true, force: true });
  });

  it('that stops replaying lags on both sides, and not when it goes on', async () => {
    const writer = await connect(primary.url);
    const replica = await connect(standbyUrl);
    const [above, below] = [watch(primary.url), watch(standbyUrl)];
    await writer.query('CREATE TABLE items AS SELECT 1 AS id');
    const readBoth = async () => [(await read(above)).values, (await read(below)).values] as const;
    // A commit that does not wait for the disk may reach the log later.
    await until(async () => {
      const { rows } = await replica.query<{ known: boolean }>(
        `SELECT to_regclass('items') IS NOT NULL AS known`,
      );
      return rows[0]!.known;
    });
    await until(async () => {
      const [up, down] = await readBoth();
      return up.replication_lag_bytes === 0 && down.replication_lag_bytes === 0;
    });
    expect((await read(below)).values.replication_lag_ms).toBe(0);

    await replica.query('SELECT pg_wal_replay_pause()');
    await writer.query('INSERT INTO items SELECT generate_series(1, 5000)');
    await until(async () => (await read(below)).values.replication_lag_bytes! > 100_000);
    const [up, down] = await readBoth();
    const { rows } = await writer.query<{ lag: number }>(
      'SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)::float8 AS lag FROM pg_stat_replication',
    );
    expect(up.replication_lag_bytes).toBeGreaterThan(100_000);
    expect(up.replication_lag_bytes).toBeLessThanOrEqual(rows[0]!.lag);
    expect(down.replication_lag_ms).toBeGreaterThan(0);
    expect(down).toHaveProperty('connections', 1);

    await replica.query('SELECT pg_wal_replay_resume()');
    await until(async () => {
      const [after, behind] = await readBoth();
      return after.replication_lag_bytes === 0 && behind.replication_lag_ms === 0;
    });
  });

  it('that is promoted is told so', async () => {
    const monitor = watch(standbyUrl);
    await read(monitor);
    await (await connect(standbyUrl)).query('SELECT pg_promote()');
    expect((await read(monitor)).events).toEqual(['the server was promoted: it is a standby no longer']);
  });
});
