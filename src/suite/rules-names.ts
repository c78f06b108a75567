// Rules that several parts of a suite share: well-formed names, known names, and either-or. Used by the other
// rules-*.ts.

import type { Mistake } from '../model/errors.ts';
import { mistakeAt, type Path, printPath, recordOf, unknownName } from './mistake.ts';

const namePattern = /^[0-9a-zA-Z_-]+$/;
const maxNameLength = 100;
const aName = `a name of at most ${maxNameLength} letters, digits, - and _`;

/** A mistake for a name that would not survive in file names, tags and commands. */
export function findNameMistakes(path: Path, name: unknown): Mistake[] {
  return typeof name === 'string' && name !== '' && !(namePattern.test(name) && name.length <= maxNameLength)
    ? [mistakeAt(path, aName, name)]
    : [];
}

/** A mistake unless exactly one of `keys` is there. */
export function findChoiceMistakes(path: Path, value: unknown, keys: readonly string[]): Mistake[] {
  const there = keys.filter((key) => recordOf(value)[key] !== undefined);
  if (there.length === 1) return [];
  const expected = `exactly one of ${keys.map((key) => `\`${key}\``).join(' and ')}`;
  const found = there.length === 0 ? 'none of them' : there.map((key) => `\`${key}\``).join(' and ');
  return [{ path: printPath(path), expected, found }];
}

/** Mistakes for the names of a list or record that are not among the known ones. */
export function findReferenceMistakes(
  path: Path,
  names: unknown,
  known: readonly string[],
  what: string,
): Mistake[] {
  const list = Array.isArray(names)
    ? names.map((name, i) => ({ name: name as unknown, at: [...path, i] as Path }))
    : Object.keys(recordOf(names)).map((name) => ({ name, at: [...path, name] }));
  return list.flatMap(({ name, at }) =>
    typeof name === 'string' && name !== '' && !known.includes(name)
      ? [unknownName(at, what, name, known)]
      : [],
  );
}

/** A mistake for a mix of users by weight that names none; an empty list is the shape's to report. */
export function findEmptyUsers(path: Path, users: unknown): Mistake[] {
  const isEmpty = users !== undefined && !Array.isArray(users) && Object.keys(recordOf(users)).length === 0;
  return isEmpty ? [mistakeAt(path, 'at least one user', users)] : [];
}
