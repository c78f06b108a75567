import { describe, expect, it } from 'vitest';
import { UsageError } from '../../model/errors.ts';
import type { SuiteDefinition } from '../../model/suite.ts';
import { describePlan } from '../../plan/describe.ts';
import { makePlan } from '../../plan/plan.ts';
import { applyEnvironment } from '../../suite/environment.ts';
import { profileSettings, readProtocolSecrets } from '../../suite/protocol-settings.ts';
import { findMistakes } from '../../suite/schema.ts';
import type { RedisDefinition } from './setting-types.ts';

function suiteWith(redis?: RedisDefinition, own?: RedisDefinition): SuiteDefinition {
  return {
    name: 'shop',
    ...(redis === undefined ? {} : { redis }),
    users: { buyer: { tasks: { buy: { run: () => {} } } } },
    profiles: {
      smoke: {
        executor: 'constant-vus',
        vus: 1,
        duration: '1s',
        ...(own === undefined ? {} : { redis: own }),
      },
    },
  };
}

const options = { workers: 1, seed: 1, environment: 'local' };

describe('the Redis settings of a plan', () => {
  it('are absent without a key, have defaults, and those of a profile go before those of the suite', () => {
    expect(makePlan(suiteWith(), 'smoke', options).redis).toBeUndefined();
    expect(makePlan(suiteWith({}), 'smoke', options).redis).toEqual({
      connections: 'per-vu',
      connectTimeoutMs: 10_000,
      commandTimeoutMs: 60_000,
      poolTimeoutMs: 30_000,
      clientName: 'plimsoll',
    });
    const suite = suiteWith({ connections: { pool: 5 }, commandTimeout: '2s' }, { connections: 'per-vu' });
    expect(makePlan(suite, 'smoke', options).redis).toMatchObject({
      connections: 'per-vu',
      commandTimeoutMs: 2000,
    });
  });

  it('hold no password, which travels beside the plan', async () => {
    const suite = suiteWith({ url: 'rediss://me:s%26cret@cache.test:6380/2', connections: { pool: 5 } });
    const plan = makePlan(suite, 'smoke', options);
    expect(plan.redis).toMatchObject({
      url: 'rediss://me@cache.test:6380/2',
      tls: { insecureSkipVerify: false },
    });
    const from = { definition: suite, file: '/suite.ts', env: {} };
    expect((await readProtocolSecrets(from, 'smoke')).redis).toEqual({ password: 's&cret' });
    expect(describePlan(plan)).toMatch(
      /redis +rediss:\/\/me@cache\.test:6380\/2 {2}\(a pool of 5 connections\)/,
    );
  });

  it('take the server from the environment chosen, then from the suite, then from REDIS_URL', () => {
    const env = { REDIS_URL: 'redis://variable.test' };
    const urlOf = (suite: SuiteDefinition, name?: string) =>
      applyEnvironment(suite, name, env).definition.redis?.url;
    expect(urlOf(suiteWith({}))).toBe('redis://variable.test');
    expect(urlOf(suiteWith())).toBeUndefined();
    // Where a profile alone speaks of Redis, too, and not over the suite's.
    const ofProfile = (suite: SuiteDefinition) =>
      profileSettings(applyEnvironment(suite, undefined, env).definition, 'smoke').redis;
    expect(ofProfile(suiteWith(undefined, { commandTimeout: '1s' }))).toEqual({
      commandTimeout: '1s',
      url: 'redis://variable.test',
    });
    expect(ofProfile(suiteWith({ url: 'redis://suite.test' }, {}))?.url).toBe('redis://suite.test');
    const suite = suiteWith({ url: 'redis://suite.test' });
    expect(urlOf(suite)).toBe('redis://suite.test');
    const environments = { staging: { redis: { url: 'redis://staging.test' } } };
    expect(urlOf({ ...suite, environments }, 'staging')).toBe('redis://staging.test');
  });

  it('that are wrong are told apart', () => {
    const mistakes = findMistakes(
      suiteWith({
        url: 'http://cache.test',
        connections: { pool: 0 },
        clientName: 'two words',
      }),
    );
    expect(mistakes.map(({ path }) => path)).toEqual([
      'redis.url',
      'redis.connections.pool',
      'redis.clientName',
    ]);
    const { definition } = applyEnvironment(suiteWith({}), undefined, { REDIS_URL: 'cache.test:6379' });
    expect(() => makePlan(definition, 'smoke', options)).toThrow(UsageError);
  });
});
