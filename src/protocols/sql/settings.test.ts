import { describe, expect, it } from 'vitest';
import { describePlan } from '../../plan/describe.ts';
import { makePlan } from '../../plan/plan.ts';
import { applyEnvironment } from '../../suite/environment.ts';
import { profileSettings, readProtocolSecrets } from '../../suite/protocol-settings.ts';
import { findMistakes } from '../../suite/schema.ts';
import { publicDatabaseUrl } from './database-url.ts';
import { sql } from './settings.ts';

const suite = {
  name: 'shop',
  users: { buyer: { tasks: { look: { run: () => {} } } } },
  profiles: {
    smoke: { executor: 'constant-vus', vus: 1, duration: '1s' },
    pooled: { executor: 'constant-vus', vus: 1, duration: '1s', sql: { connections: { pool: 5 } } },
  },
  sql: { retries: 2 },
  environments: { staging: { sql: { url: 'postgresql://u:pw@staging.test/shop' } } },
} as const;

describe('database settings', () => {
  it('take their URL from the environment, else from DATABASE_URL', () => {
    const env = { DATABASE_URL: 'postgresql://u@here/db' };
    const local = applyEnvironment(suite, undefined, env).definition;
    expect(profileSettings(local, 'smoke').sql).toEqual({ retries: 2, url: 'postgresql://u@here/db' });
    const { sql: _, ...withoutOwn } = suite;
    const ofProfile = applyEnvironment(withoutOwn, undefined, env).definition;
    expect(profileSettings(ofProfile, 'pooled').sql).toMatchObject({ url: 'postgresql://u@here/db' });
    expect(profileSettings(ofProfile, 'smoke').sql).toBeUndefined();
    const staging = applyEnvironment(suite, 'staging', env).definition;
    expect(profileSettings(staging, 'pooled').sql).toEqual({
      retries: 2,
      url: 'postgresql://u:pw@staging.test/shop',
      connections: { pool: 5 },
    });
  });

  it('keep the password out of the plan and hand it on beside', async () => {
    const { definition } = applyEnvironment(suite, 'staging', {});
    const plan = sql.plan(profileSettings(definition, 'smoke').sql!);
    expect(plan.url).toBe('postgresql://u@staging.test/shop');
    expect(JSON.stringify(plan)).not.toContain('pw');
    const secrets = await readProtocolSecrets({ definition, file: '/suite.ts', env: {} }, 'smoke');
    expect(secrets.sql).toEqual({ password: 'pw' });
    expect(publicDatabaseUrl('postgresql:///db?user=u&password=pw')).toBe('postgresql:///db?user=u');
  });

  it('have defaults', () => {
    expect(sql.plan({})).toEqual({
      connections: 'per-vu',
      connectTimeoutMs: 10_000,
      statementTimeoutMs: 60_000,
      serverTimeout: false,
      poolTimeoutMs: 30_000,
      applicationName: 'plimsoll',
      retries: 0,
      readOnly: false,
    });
    expect(sql.plan({ statementTimeout: '2s', tls: { insecureSkipVerify: true } })).toMatchObject({
      statementTimeoutMs: 2000,
      serverTimeout: true,
      tls: { insecureSkipVerify: true },
    });
  });

  it('are checked, each mistake with its place', () => {
    const wrong = {
      ...suite,
      sql: {
        url: 'mysql://x',
        connections: { pool: 0 },
        poolTimeout: 'soon',
        retries: -1,
        marker: 'a; DROP TABLE b',
        tls: { cert: 1 },
        statmentTimeout: '1s',
      },
    };
    const mistakes = findMistakes(wrong);
    expect(mistakes.map(({ path }) => path)).toEqual([
      'sql.url',
      'sql.connections.pool',
      'sql.poolTimeout',
      'sql.retries',
      'sql.marker',
      'sql.tls.cert',
      'sql.statmentTimeout',
    ]);
    expect(mistakes.at(-1)?.suggestion).toBe('statementTimeout');
    expect(findMistakes(suite)).toEqual([]);
    expect(findMistakes({ ...suite, sql: { connections: 'shared' } })[0]?.expected).toContain(
      '"per-vu", or a pool',
    );
  });

  it.each([
    ['shop', 'the URL of a PostgreSQL database'],
    ['mysql://u@h/db', 'the URL of a PostgreSQL database'],
    ['postgresql://h:99999/db', 'the URL of a PostgreSQL database'],
    ['postgresql://u:%zz@h/db', 'with % as %25'],
    ['postgresql://one,two/db', 'one database'],
    ['postgresql://h/db?port=0', 'a port from 1 to 65535'],
    ['postgresql://h/db?sslmode=verify_full', 'verify-ca or verify-full, not verify_full'],
    ['postgresql://h/db?sslmode=prefer', 'not prefer'],
    ['postgresql://h/db?sslrootcert=ca.pem', 'certificates and an sslmode'],
    ['postgresql://h/db?sslmode=require&channel_binding=require', 'without channel_binding=require'],
  ])('refuse %s, in a suite and in DATABASE_URL', (url, expected) => {
    const [mistake, ...others] = findMistakes({ ...suite, sql: { url } });
    expect(others).toEqual([]);
    expect(mistake).toMatchObject({ path: 'sql.url', expected: expect.stringContaining(expected) });
    expect(() => sql.plan({ url })).toThrow(`DATABASE_URL: expected ${mistake!.expected}`);
  });

  it('show no password where the URL is refused', () => {
    for (const url of [
      'postgresql://u:geh@im@h/db?sslmode=no',
      'postgresql://h/db?sslmode=no&password=geheim',
    ]) {
      const [mistake] = findMistakes({ ...suite, sql: { url } });
      expect(mistake?.found).toContain('postgresql://');
      expect(JSON.stringify(mistake)).not.toMatch(/geh|im@/);
    }
  });

  it('do without TLS when told so outright, whatever the URL says', () => {
    const url = 'postgresql://u@h/db?sslmode=require';
    expect(sql.plan({ url }).url).toBe(url);
    expect(sql.plan({ url, tls: false }).url).toBe('postgresql://u@h/db');
  });

  it('are shown by inspect, without the password', () => {
    const { definition } = applyEnvironment(suite, 'staging', {});
    const options = { workers: 1, seed: 1, environment: 'staging' };
    const text = describePlan(makePlan(definition, 'pooled', options));
    expect(text).toContain('postgresql://u@staging.test/shop  (a pool of 5 connections)');
    expect(text).not.toContain('pw');
  });
});
