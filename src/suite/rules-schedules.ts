// Rules of schedules: what they name is there, and something starts them. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, printPath, recordOf, unknownName } from './mistake.ts';
import { findNameMistakes } from './rules-names.ts';

export function findScheduleMistakes(suite: unknown): Mistake[] {
  const { schedules, profiles, environments } = recordOf(suite);
  const known = Object.keys(recordOf(profiles));
  const places = Object.keys(recordOf(environments));
  return Object.entries(recordOf(schedules)).flatMap(([name, schedule]) => {
    const at: Path = ['schedules', name];
    const { when, onTags, timeZone, environment, profiles: named } = recordOf(schedule);
    const unknown = Array.isArray(named)
      ? named.flatMap((one, i) =>
          typeof one === 'string' && one !== '' && !known.includes(one)
            ? [unknownName([...at, 'profiles', i], 'a profile', one, known)]
            : [],
        )
      : [];
    const isElsewhere = typeof environment === 'string' && environment !== '' && places.length > 0;
    return [
      ...findNameMistakes(at, name),
      ...(when === undefined && onTags === undefined
        ? [{ path: printPath(at), expected: '`when`, `onTags` or both: nothing starts it' }]
        : []),
      ...(timeZone !== undefined && when === undefined
        ? [mistakeAt([...at, 'timeZone'], 'no `timeZone`: there is no `when`', timeZone)]
        : []),
      ...unknown,
      ...(isElsewhere && !places.includes(environment)
        ? [unknownName([...at, 'environment'], 'an environment', environment, places)]
        : []),
    ];
  });
}
