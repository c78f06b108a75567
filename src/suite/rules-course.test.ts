import { expect, test } from 'vitest';
import { findMistakes } from './schema.ts';

const load = { executor: 'constant-vus', vus: 1, duration: '1s' };
const suite = (more: object, profiles: object): unknown => ({
  name: 's',
  users: { u: { tasks: { t: { run() {} } } } },
  profiles,
  ...more,
});
const pathsOf = (value: unknown): string[] => findMistakes(value).map(({ path }) => path);

test('a course of profiles that there are is sound', () => {
  const course = { order: ['b'], gates: ['a'] };
  const profiles = { a: { ...load, markers: ['load'] }, b: { ...load, needs: ['a'] } };
  expect(findMistakes(suite({ course }, profiles))).toEqual([]);
});

test('names that no profile has are told, with the nearest', () => {
  const course = { order: ['smoek'], gates: ['x'] };
  const mistakes = findMistakes(suite({ course }, { smoke: { ...load, needs: ['nothing'] } }));
  expect(mistakes.map(({ path }) => path)).toEqual([
    'profiles.smoke.needs[0]',
    'course.order[0]',
    'course.gates[0]',
  ]);
  expect(mistakes[1]!.suggestion).toBe('smoke');
});

test('profiles that wait for each other are told', () => {
  const profiles = {
    a: { ...load, needs: ['b'] },
    b: { ...load, needs: ['c'] },
    c: { ...load, needs: ['a'] },
    d: { ...load, needs: ['a'] },
    e: { ...load, needs: ['e'] },
  };
  expect(pathsOf(suite({}, profiles))).toEqual(['a', 'b', 'c', 'e'].map((name) => `profiles.${name}.needs`));
});

test('the words of expressions are no markers', () => {
  expect(pathsOf(suite({}, { a: { ...load, markers: ['not'] } }))).toEqual(['profiles.a.markers[0]']);
  expect(pathsOf(suite({}, { a: { ...load, markers: ['two words'] } }))).toEqual(['profiles.a.markers[0]']);
});
