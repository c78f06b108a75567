// Which executors there are, and what is said of others and of what does not fit together in one. Used by rules-profiles.ts.

import { loadForms } from '../executors/executors.ts';
import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path, recordOf } from './mistake.ts';

/** A mistake when a scenario names no executor, or one that does not exist; else those of its executor. */
export function findExecutorMistakes(path: Path, scenario: unknown): Mistake[] {
  if (typeof scenario !== 'object' || scenario === null) return [];
  const fields = recordOf(scenario);
  const { executor } = fields;
  const forms = loadForms();
  const form = typeof executor === 'string' ? forms.get(executor) : undefined;
  if (form !== undefined) {
    return form
      .findMistakes(fields)
      .map(({ at, expected, found }) => mistakeAt([...path, ...at], expected, found));
  }
  const names = [...forms.keys()];
  const expected = `one of the executors ${listNames(names)}`;
  const at = [...path, 'executor'];
  if (typeof executor !== 'string') return [mistakeAt(at, expected, executor)];
  return [mistakeAt(at, expected, executor, nearestName(executor, names))];
}
