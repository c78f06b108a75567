// What row-level security costs, as the suite `adapter` measures it: nothing where it does not apply, little where its
// policies are cheap, and more than the limit where they are not.

import { Client } from 'pg';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { AdapterServers, runAdapter as run } from './adapter-run.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const servers = new AdapterServers();
afterAll(() => servers.stop());

describe('rls_overhead', () => {
  it('finds next to nothing where policies do not apply', async () => {
    const url = await servers.databaseWith();
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      // Both sides are the same then, but for their names.
      await client.query('ALTER ROLE plimsoll_adapter_app BYPASSRLS');
      const { record } = await run('rls_overhead', url, ['--duration', '4s']);
      expect(record.comparisons!.rls_overhead!.status).toBe('pass');
      expect(Math.abs(record.comparisons!.rls_overhead!.difference!)).toBeLessThan(0.04);
    } finally {
      await client.query('ALTER ROLE plimsoll_adapter_app NOBYPASSRLS');
      await client.end();
    }
  });

  it('gives an interval, and finds no overhead beyond the limit in cheap policies', async () => {
    const { record } = await run('rls_overhead', await servers.databaseWith(), ['--duration', '4s']);
    const { status, difference, low, high } = record.comparisons!.rls_overhead!;
    expect(status).not.toBe('fail');
    expect(low!).toBeLessThan(0.1);
    expect(difference!).toBeGreaterThan(low!);
    expect(difference!).toBeLessThan(high!);
  });

  it('fails for policies that run a query for each row, its whole interval above the limit', async () => {
    const url = await servers.databaseWith({ policy: 'expensive' });
    const { record, stdout } = await run('rls_overhead', url, ['--duration', '4s']);
    expect(record.comparisons!.rls_overhead).toMatchObject({ status: 'fail' });
    expect(record.comparisons!.rls_overhead!.low!).toBeGreaterThan(0.1);
    expect(record.verdict.status).toBe('fail');
    expect(record.findings.find(({ kind }) => kind === 'comparison')).toMatchObject({ severity: 'critical' });
    expect(stdout).toMatch(/The difference rls_overhead is beyond its limit <10%/);
  });
});
