import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { SuiteDefinition } from '../model/suite.ts';
import { chooseProfiles } from './choose-profiles.ts';
import { inspectSuite } from './inspect.ts';
import { listSuites } from './list.ts';

const yaml = `name: shop
description: A shop
users:
  buyer: { tasks: { home: { requests: [{ url: / }] } } }
profiles:
  smoke: { executor: constant-vus, vus: 10, duration: 2m, description: Does it answer, whenToRun: After every deployment }
  rush: { executor: constant-arrival-rate, rate: 300, timeUnit: 1m, duration: 30s, preAllocatedVUs: 5 }
  wave: { executor: ramping-vus, startVUs: 0, stages: [{ duration: 1m, target: 50 }, { duration: 1m, target: 0 }] }
  ops: { executor: per-vu-iterations, vus: 5, iterations: 20, maxDuration: 1m }
  day: { phases: [{ name: a, executor: constant-vus, vus: 2, duration: 1m, pause: 30s }, { name: b, executor: constant-vus, vus: 4, duration: 1m }] }
`;
let file = '';

beforeAll(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'inspect-test-'));
  file = path.join(folder, 'suite.yaml');
  await writeFile(file, yaml);
});
afterAll(async () => {
  await rm(path.dirname(file), { recursive: true });
});

describe('listSuites', () => {
  test('shows the profiles of one suite with executor, load, duration and description', async () => {
    const text = await listSuites(file);
    expect(text.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['shop', 'A shop'],
      ['smoke', 'constant-vus', '10 VUs', '2m', 'Does it answer'],
      ['when to run: After every deployment'],
      ['rush', 'constant-arrival-rate', '300/1m', '30s'],
      ['wave', 'ramping-vus', '0→50→0 VUs', '2m'],
      ['ops', 'per-vu-iterations', '5 VUs × 20', '<= 1m'],
      ['day', '2 phases', '2 VUs, 4 VUs', '2m30s'],
    ]);
  });

  test('shows every shipped suite', async () => {
    // Vite puts its own BASE_URL, "/", into the environment of every test.
    vi.stubEnv('BASE_URL', undefined);
    const text = await listSuites();
    expect(text).toMatch(/^jorge {2}.*\n {2}smoke +constant-vus +10 VUs +2m /m);
    expect(text).not.toContain('when to run');
    vi.unstubAllEnvs();
  });
});

describe('inspectSuite', () => {
  test('describes one profile with its overrides', async () => {
    const text = await inspectSuite(file, { profile: ['smoke'], users: 3, durationMs: 5000, seed: 9 });
    expect(text).toContain('shop · smoke · Does it answer');
    expect(text).toContain('3 VUs for 5s');
    expect(text).toContain('9, 1 worker');
    expect(text).toContain('when to run   After every deployment');
  });

  test('gives JSON of one plan, or of all', async () => {
    expect(JSON.parse(await inspectSuite(file, { profile: ['rus'], json: true }))).toMatchObject({
      profile: 'rush',
      scenarios: [{ executor: { ratePerSec: 5 } }],
    });
    const all = JSON.parse(await inspectSuite(file, { json: true })) as { profile: string }[];
    expect(all.map((plan) => plan.profile)).toEqual(['smoke', 'rush', 'wave', 'ops', 'day']);
  });

  test('refuses a profile that is not there', async () => {
    await expect(inspectSuite(file, { profile: ['smoek'] })).rejects.toThrow('did you mean smoke?');
  });

  test('takes a part of a name, and several of them, as `run` does', async () => {
    const both = JSON.parse(await inspectSuite(file, { profile: ['sm', 'day'], json: true })) as object[];
    expect(both).toMatchObject([{ profile: 'smoke' }, { profile: 'day' }]);
    expect(await inspectSuite(file, { profile: ['sm'] })).toContain('shop · smoke');
  });
});

describe('chooseProfiles', () => {
  const profiles = {
    smoke: { markers: ['quick'] },
    load: {},
    pool_size: { markers: ['database', 'test'] },
    index_use: { markers: ['database', 'test'] },
  };
  const tested = { name: 'shop', users: {}, profiles } as unknown as SuiteDefinition;

  test('--scenario takes a profile, a marker or all', () => {
    expect(chooseProfiles(tested, { scenario: ['load'] })).toEqual(['load']);
    expect(chooseProfiles(tested, { scenario: ['database', 'smoke'] })).toEqual([
      'pool_size',
      'index_use',
      'smoke',
    ]);
    expect(chooseProfiles(tested, { scenario: ['all'] })).toEqual(Object.keys(profiles));
    expect(() => chooseProfiles(tested, { scenario: ['datbase'] })).toThrow(/has no profile "datbase"/);
  });

  test('--test takes a profile with the marker test, or all of these', () => {
    expect(chooseProfiles(tested, { test: ['index_use'] })).toEqual(['index_use']);
    expect(chooseProfiles(tested, { test: ['pool'] })).toEqual(['pool_size']);
    expect(chooseProfiles(tested, { test: ['all'] })).toEqual(['pool_size', 'index_use']);
    expect(() => chooseProfiles(tested, { test: ['index_us3'] })).toThrow(/did you mean index_use/);
    expect(() => chooseProfiles(tested, { test: ['load'] })).toThrow(/shop has no such test/);
    const untested = { ...tested, profiles: { load: {} } } as unknown as SuiteDefinition;
    expect(() => chooseProfiles(untested, { test: ['all'] })).toThrow(/--test all: shop has no such test/);
  });

  test('says what a short flag is short for when there is no such profile', () => {
    const suite = {
      name: 'shop',
      users: {},
      profiles: { smoke: {}, rush: {} },
    } as unknown as SuiteDefinition;
    expect(() => chooseProfiles(suite, { quick: true })).toThrow(
      '--quick is short for --profile quick, and the suite shop has no profile "quick"',
    );
    expect(() => chooseProfiles(suite, { profile: ['quick'] })).toThrow(
      /^the suite shop has no profile "quick"/,
    );
  });
});
