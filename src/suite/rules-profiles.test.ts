import { expect, test } from 'vitest';
import { findMistakes } from './schema.ts';

const smoke = { executor: 'constant-vus', vus: 10, duration: '2m' };

/** The places of mistakes within a profile, in the order of the file. */
const placesIn = (profile: unknown): string[] =>
  findMistakes({
    name: 'shop',
    users: { buyer: { tasks: { price: { run: () => {} } } } },
    profiles: { smoke: profile },
  }).map(({ path }) => path.replace(/^profiles\.smoke\.?/, ''));

const openLoad = { rate: 5, duration: '1m', preAllocatedVUs: 9, maxVUs: 3 };

test.each([
  ['is misspelt', { ...openLoad, executor: 'constant-arrivalrate' }, ['executor', 'maxVUs']],
  ['is missing, where the fields tell it', openLoad, ['executor', 'maxVUs']],
  ['is unknown, where the fields tell it', { ...openLoad, executor: 'steady' }, ['executor', 'maxVUs']],
  // Only shared-iterations minds.
  ['may be one of two', { vus: 10, iterations: 9, executor: 'some' }, ['executor']],
  ['may be one of two that agree', { vus: 10, maxDuration: '1m', rampUp: '2m' }, ['executor', 'rampUp']],
  ['is none that has all the fields', { vus: 10, rate: 5, rampUp: '1m' }, ['executor']],
])('fields that do not fit together are found where the executor %s', (_why, profile, expected) => {
  expect(placesIn(profile).toSorted()).toEqual(expected);
});

test('mistakes of each form are found where a profile has several', () => {
  const places = placesIn({
    executor: 'constant-vus',
    vus: 'ten',
    wieght: 1,
    scenarios: { a: { ...smoke, rampUp: '3m' } },
    phases: [{ ...smoke, name: 'first', startTime: '1s' }],
    thresholds: { http_req_duraton: ['p(95)<1'] },
  });
  expect(places).toEqual([
    '',
    'vus',
    'wieght',
    'scenarios.a.rampUp',
    'phases[0].startTime',
    'thresholds.http_req_duraton',
  ]);
});

test.each([
  ['a task', { users: { buyer: { tasks: { price: { weight: 1e308, run: () => {} } } } } }],
  ['a user', { users: { buyer: { weight: 1e308, tasks: { price: { run: () => {} } } } } }],
  ['a mix of users', { profiles: { smoke: { ...smoke, users: { buyer: 1e308 } } } }],
  ['a mix of tasks', { profiles: { smoke: { ...smoke, tasks: { buyer: { price: 1e308 } } } } }],
])('a weight of %s whose sum with others may be infinite is a mistake', (_where, changes) => {
  const users = { buyer: { tasks: { price: { run: () => {} } } } };
  const [mistake] = findMistakes({ name: 'shop', users, profiles: { smoke }, ...changes });
  expect(mistake!.expected).toContain('at most 1000000');
});
