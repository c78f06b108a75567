// Rules of `measure` in requests as data: the metric is declared, and what is said of it fits its type. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, recordOf, unknownName } from './mistake.ts';

/** What is wrong with the measures of one request. */
export function findMeasureMistakes(path: Path, request: unknown, suite: unknown): Mistake[] {
  const declared = recordOf(recordOf(suite).metrics);
  return Object.entries(recordOf(recordOf(request).measure)).flatMap(([name, value]) => {
    const at = [...path, 'measure', name];
    if (!Object.hasOwn(declared, name)) {
      const expected = 'a metric that `metrics` of the suite declares';
      return [unknownName(at, expected, name, Object.keys(declared))];
    }
    const conditions = ['equals', 'matches'].filter((key) => recordOf(value)[key] !== undefined);
    const isRate = recordOf(declared[name]).type === 'rate';
    if (isRate && conditions.length !== 1) {
      const expected = `equals or matches, which say when a sample of the rate ${name} is true`;
      return [mistakeAt(at, expected, conditions.length === 0 ? 'neither' : conditions.join(' and '))];
    }
    return isRate
      ? []
      : conditions.map((key) =>
          mistakeAt([...at, key], `no ${key}: ${name} is no rate`, recordOf(value)[key]),
        );
  });
}
