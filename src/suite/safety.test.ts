import { describe, expect, test } from 'vitest';
import { SafetyError } from '../model/errors.ts';
import { assertSafeTarget, productionSigns, type SafetyQuestion } from './safety.ts';
import { productionSign } from './target-host.ts';

const question = (changes: Partial<SafetyQuestion>): SafetyQuestion => ({
  baseUrl: 'http://127.0.0.1:8000',
  environment: 'local',
  env: {},
  force: false,
  ...changes,
});

test('the host of a database is the one that is connected to, wherever its URL says it', () => {
  const signsOf = (baseUrl: string) => productionSigns(question({ baseUrl }));
  expect(signsOf('postgresql://127.0.0.1/shop?host=db.example.com')).not.toEqual([]);
  expect(signsOf('postgresql:///shop?host=db.example.com')).not.toEqual([]);
  expect(signsOf('postgresql:///shop?host=127.0.0.1')).toEqual([]);
  expect(signsOf('postgresql:///shop?host=/run/postgresql')).toEqual([]);
});

describe('productionSign', () => {
  test.each([
    ...[
      '127.0.0.1',
      '127.9.9.9',
      '0.0.0.0',
      '10.1.2.3',
      '192.168.0.7',
      '172.16.0.1',
      '172.31.0.1',
      '169.254.1.1',
    ],
    ...['[::1]', '[fd00::1]', '[fe80::1]', '[::ffff:7f00:1]', '::ffff:a00:1'],
    ...['localhost', 'api', 'shop.local', 'shop.test', 'a.localhost', 'db.internal'],
    ...['staging.example.com', 'dev.example.com', 'api.qa2.example.com', 'shop-uat.example.com', 'perf.x.io'],
    ...['www.staging.example.com', 'pre-prod.example.com', 'nonprod.example.com', 'load.example.co.uk'],
  ])('lets %s be', (host) => {
    expect(productionSign(host)).toBeUndefined();
  });

  test.each([
    ...['8.8.8.8', '172.32.0.1', '[2001:db8::1]', '[::ffff:808:808]'],
    ...['example.com', 'www.example.com', 'api.example.com', 'testing.com', 'shop.dev', 'latest.example.com'],
    ...[
      'prod.example.com',
      'api-prod.example.com',
      'production',
      'db.prod.internal',
      'live.staging.example.com',
    ],
  ])('finds a sign in %s', (host) => {
    expect(productionSign(host)).toContain(host.replace(/[[\]]/g, ''));
  });
});

describe('assertSafeTarget', () => {
  test('lets a local target be', () => {
    expect(() => assertSafeTarget(question({}))).not.toThrow();
    expect(() => assertSafeTarget(question({ baseUrl: undefined }))).not.toThrow();
  });

  test.each([
    [{ declared: { production: true } }, 'marked as production'],
    [{ environment: 'Production' }, 'called Production'],
    [{ environment: 'live' }, 'called live'],
    [{ env: { NODE_ENV: 'production' } }, 'NODE_ENV is production'],
    [{ baseUrl: 'https://shop.example.com/x' }, 'shop.example.com is a public host'],
  ])('refuses %j and says why', (changes, reason) => {
    expect(() => assertSafeTarget(question(changes))).toThrow(SafetyError);
    expect(() => assertSafeTarget(question(changes))).toThrow(reason);
    expect(() => assertSafeTarget(question({ ...changes, force: true }))).not.toThrow();
  });

  test('names the three ways on, with exit code 4', () => {
    try {
      assertSafeTarget(question({ environment: 'prod' }));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 4 });
      expect((error as SafetyError).hint).toMatch(/--env.*allowedHosts.*--force/);
    }
  });

  test('takes the word of the suite over a guess', () => {
    const baseUrl = 'https://shop.example.com';
    expect(productionSigns(question({ baseUrl, allowedHosts: ['shop.example.com'] }))).toEqual([]);
    expect(productionSigns(question({ baseUrl, allowedHosts: ['*.example.com'] }))).toEqual([]);
    expect(productionSigns(question({ baseUrl, allowedHosts: ['example.com'] }))).toHaveLength(1);
    expect(
      productionSigns(question({ baseUrl, environment: 'live', declared: { production: false } })),
    ).toEqual([]);
  });
});
