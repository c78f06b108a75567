import { describe, expect, test } from 'vitest';
import { SafetyError } from '../model/errors.ts';
import { assertSafeTarget, productionSigns, type SafetyQuestion } from './safety.ts';

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
