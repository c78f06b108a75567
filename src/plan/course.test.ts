import { expect, test } from 'vitest';
import type { ProfileDefinition, SuiteDefinition } from '../model/suite.ts';
import { courseOf, profilesInOrder } from './course.ts';

function suite(
  needs: Readonly<Record<string, readonly string[] | undefined>>,
  course?: SuiteDefinition['course'],
): SuiteDefinition {
  const profiles = Object.fromEntries(
    Object.entries(needs).map(([name, own]): [string, ProfileDefinition] => [
      name,
      { executor: 'constant-vus', vus: 1, duration: '1s', ...(own !== undefined && { needs: own }) },
    ]),
  );
  return { name: 's', users: {}, profiles, ...(course !== undefined && { course }) };
}

test('smoke comes first and gates all others, where the suite says nothing else', () => {
  const own = suite({ stress: undefined, smoke: undefined, normal: undefined });
  expect(profilesInOrder(own)).toEqual(['smoke', 'stress', 'normal']);
  expect(courseOf(own, profilesInOrder(own))).toEqual([
    { profile: 'smoke', needs: [] },
    { profile: 'stress', needs: ['smoke'] },
    { profile: 'normal', needs: ['smoke'] },
  ]);
});

test('without smoke there is no gate, and an empty list means none', () => {
  expect(courseOf(suite({ a: undefined, b: undefined }), ['a', 'b'])).toEqual([
    { profile: 'a', needs: [] },
    { profile: 'b', needs: [] },
  ]);
  expect(courseOf(suite({ smoke: undefined, b: undefined }, { gates: [] }), ['b', 'smoke'])).toEqual([
    { profile: 'b', needs: [] },
    { profile: 'smoke', needs: [] },
  ]);
});

test('the suite orders its profiles and says what each needs', () => {
  const own = suite(
    { stress: ['normal'], soak: undefined, normal: undefined, quick: undefined, check: undefined },
    { order: ['normal', 'stress'], gates: ['quick'] },
  );
  expect(profilesInOrder(own)).toEqual(['quick', 'normal', 'stress', 'soak', 'check']);
  expect(courseOf(own, profilesInOrder(own))).toEqual([
    { profile: 'quick', needs: [] },
    { profile: 'normal', needs: ['quick'] },
    { profile: 'stress', needs: ['normal'] },
    { profile: 'soak', needs: ['quick'] },
    { profile: 'check', needs: ['quick'] },
  ]);
});

test('what is chosen keeps its order, but for what it needs; what is not chosen is not waited for', () => {
  const own = suite({ smoke: undefined, stress: ['normal'], normal: undefined });
  expect(courseOf(own, ['stress', 'normal'])).toEqual([
    { profile: 'normal', needs: [] },
    { profile: 'stress', needs: ['normal'] },
  ]);
});

test('what a gate needs comes before it, and does not wait for it', () => {
  const own = suite({ load: undefined, ready: undefined, smoke: ['ready'] });
  expect(courseOf(own, profilesInOrder(own))).toEqual([
    { profile: 'ready', needs: [] },
    { profile: 'smoke', needs: ['ready'] },
    { profile: 'load', needs: ['smoke'] },
  ]);
});
