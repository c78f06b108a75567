// How mistakes in a suite are put into words: paths, values printed short, and nearest names.

import type { Mistake } from '../model/errors.ts';
import { nearestName } from '../text/nearest-name.ts';

export type Path = readonly PropertyKey[];

const longestValue = 60;

/** Prints a value on one line, cut to about 60 characters: `"2x"`, `{ vus: 10, … }`, `a function`. */
function printShort(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number' || typeof value === 'symbol') return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = Object.prototype.toString.call(value);
  }
  text = withoutPasswords(text ?? String(value));
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}

/** Of URLs, which may be wrong in whatever else they say. */
function withoutPasswords(text: string): string {
  return text
    .replaceAll(/(:\/\/[^\s:/@"]*:)[^\s/"]+@/g, '$1***@')
    .replaceAll(/([?&](?:ssl)?password=)[^\s&"]+/g, '$1***');
}

/** `profiles.smoke.stages[0].duration`; names that are not plain words stand in brackets and quotes. */
export function printPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}

/** Takes a printed path apart again: `profiles.smoke.stages[0]` and `thresholds["a{b:c}"]`. */
export function parsePath(path: string): (string | number)[] {
  const parts = path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g);
  return [...parts].map(([, index, quoted, name]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name! : (JSON.parse(quoted) as string);
  });
}

/** A mistake at `path`; `found` is left out for `undefined`, that is, where nothing stood. */
export function mistakeAt(path: Path, expected: string, found?: unknown, suggestion?: string): Mistake {
  return {
    path: printPath(path),
    expected,
    ...(found === undefined ? {} : { found: printShort(found) }),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** A name that is not among the known ones: lists them, and suggests the nearest. */
export function unknownName(path: Path, what: string, name: string, known: readonly string[]): Mistake {
  return mistakeAt(path, `${what}: ${listNames(known)}`, name, nearestName(name, known));
}

/** `a, b or c`, at most twelve of them. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return '(there are none)';
  const shown = names.slice(0, 12);
  if (names.length > shown.length) return `${shown.join(', ')}, … (${names.length} in all)`;
  return shown.length === 1 ? shown[0]! : `${shown.slice(0, -1).join(', ')} or ${shown.at(-1)}`;
}

/** The value as a record to look into, empty when it is none: rules must work on suites with mistakes too. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
