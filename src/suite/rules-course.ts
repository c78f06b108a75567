// Rules of what comes before what: the course of a suite, and what its profiles need. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';
import { findReferenceMistakes } from './rules-names.ts';

/** Names that no profile has, and profiles that wait for each other. */
export function findCourseMistakes(suite: unknown): Mistake[] {
  const { profiles, course } = recordOf(suite);
  const names = Object.keys(recordOf(profiles));
  const { order, gates, without } = recordOf(course);
  const references = (path: Path, value: unknown): Mistake[] =>
    findReferenceMistakes(path, Array.isArray(value) ? value : [], names, 'a profile');
  return [
    ...references(['course', 'order'], order),
    ...references(['course', 'gates'], gates),
    ...references(['course', 'without'], without),
    ...names.flatMap((name) => {
      const { needs } = recordOf(recordOf(profiles)[name]);
      const path = ['profiles', name, 'needs'];
      if (circleFrom(name, profiles) !== undefined) {
        return [mistakeAt(path, 'profiles that do not wait for this one in their turn', needs)];
      }
      return references(path, needs);
    }),
  ];
}

/** The way by which a profile needs itself. */
function circleFrom(name: string, profiles: unknown): readonly string[] | undefined {
  const seen = new Set<string>();
  const search = (at: string, way: readonly string[]): readonly string[] | undefined => {
    const { needs } = recordOf(recordOf(profiles)[at]);
    for (const next of Array.isArray(needs) ? needs : []) {
      if (next === name) return [...way, name];
      if (typeof next !== 'string' || seen.has(next)) continue;
      seen.add(next);
      const found = search(next, [...way, next]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(name, [name]);
}
