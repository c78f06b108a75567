// What zod finds wrong becomes mistakes with path, value, expectation and nearest name. Called by schema.ts and
// schema-scenario-file.ts.

import type { z } from 'zod';
import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { listNames, mistakeAt, type Path } from './mistake.ts';

/** What stands at a path; `undefined` where nothing does. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

/** What a schema says is wrong with `root`, in the words of suites. */
export function toMistakes(issue: z.core.$ZodIssue, root: unknown): Mistake[] {
  if (issue.code !== 'unrecognized_keys') {
    const value = valueAt(root, issue.path);
    const names = issue.code === 'invalid_value' ? issue.values.map(String) : [];
    const nearest = typeof value === 'string' ? nearestName(value, names) : undefined;
    return [mistakeAt(issue.path, issue.message, value, nearest)];
  }
  const allowed = issue.message.split(' ');
  return issue.keys.map((key) => {
    const path = [...issue.path, key];
    const expected = `one of the keys ${listNames([...allowed].sort())}`;
    return mistakeAt(path, expected, key, nearestName(key, allowed));
  });
}
