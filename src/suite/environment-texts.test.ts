// biome-ignore-all lint/suspicious/noTemplateCurlyInString: suites without code hold such placeholders
import { describe, expect, test } from 'vitest';
import { fillAddresses } from './environment-texts.ts';

describe('addresses from the environment', () => {
  const suite = {
    baseUrl: '${env.SHOP_URL:-http://127.0.0.1:8000}',
    environments: { staging: { baseUrl: 'http://${env.HOST}:${env.PORT:-80}/shop' } },
    monitors: { cache: { kind: 'redis', url: '${env.REDIS_URL:-}', title: '${env.HOST}' } },
    users: { visitor: { tasks: { look: { requests: [{ url: '/${env.REGION}' }] } } } },
  };

  test('are filled in, with defaults for what is not set, and left out when nothing is left', () => {
    const { value, mistakes } = fillAddresses(suite, { HOST: 'shop.lan', SHOP_URL: '' });
    expect(mistakes).toEqual([]);
    expect(value).toEqual({
      baseUrl: 'http://127.0.0.1:8000',
      environments: { staging: { baseUrl: 'http://shop.lan:80/shop' } },
      monitors: { cache: { kind: 'redis', title: '${env.HOST}' } },
      users: suite.users,
    });
    const env = { HOST: 'a', PORT: '81', REDIS_URL: 'redis://c:6379', SHOP_URL: 'http://b' };
    expect(fillAddresses(suite, env).value).toMatchObject({
      baseUrl: 'http://b',
      environments: { staging: { baseUrl: 'http://a:81/shop' } },
      monitors: { cache: { url: 'redis://c:6379' } },
    });
  });

  test('that have neither a value nor a default are mistakes', () => {
    expect(fillAddresses(suite, {}).mistakes).toEqual([
      {
        path: 'environments.staging.baseUrl',
        expected:
          'the environment variable HOST to be set, or a default such as ${env.HOST:-http://127.0.0.1:8000}',
        found: 'not set',
      },
    ]);
  });
});
