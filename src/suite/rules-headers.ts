// Rules of headers, wherever a suite has them: names and values that may go out. Called by rules.ts.

import type { Mistake } from '../model/errors.ts';
import { headerNameFault, headerValueFault } from '../model/header-fields.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';

const template = /\$\{[^}]*\}/g;

/** What is wrong with the `headers` of `holder`. Values are not shown: they may be secrets. */
export function findHeaderMistakes(path: Path, holder: unknown): Mistake[] {
  return Object.entries(recordOf(recordOf(holder).headers)).flatMap(([name, value]) => {
    const at = [...path, 'headers', name];
    if (headerNameFault(name) !== undefined)
      return [mistakeAt(at, 'the name of a header such as "accept"', name)];
    return findValueMistakes(at, value);
  });
}

/** `auth.bearer` of a request as data goes out as a header, too. */
export function findBearerMistakes(path: Path, request: unknown): Mistake[] {
  return findValueMistakes([...path, 'auth', 'bearer'], recordOf(recordOf(request).auth).bearer);
}

function findValueMistakes(path: Path, value: unknown): Mistake[] {
  if (typeof value !== 'string') return [];
  // What comes into a template is checked when it is sent.
  const fault = headerValueFault(value.replaceAll(template, (name) => '_'.repeat(name.length)));
  return fault === undefined ? [] : [mistakeAt(path, `a value that can go out; this one ${fault}`)];
}

/** All headers outside of requests: of `http`, monitors and outputs, of the suite, its profiles and environments. */
export function findHeadersOfSettings(suite: unknown): Mistake[] {
  const { profiles, environments } = recordOf(suite);
  const holders: (readonly [Path, unknown])[] = [[[], suite]];
  for (const [name, one] of Object.entries(recordOf(profiles))) holders.push([['profiles', name], one]);
  for (const [name, one] of Object.entries(recordOf(environments)))
    holders.push([['environments', name], one]);
  return holders.flatMap(([path, holder]) => {
    const { http, monitors, outputs } = recordOf(holder);
    return [
      ...findHeaderMistakes([...path, 'http'], http),
      ...inEach([...path, 'monitors'], monitors),
      ...inEach([...path, 'outputs'], outputs),
    ];
  });
}

function inEach(path: Path, holders: unknown): Mistake[] {
  const entries = Array.isArray(holders) ? [...holders.entries()] : Object.entries(recordOf(holders));
  return entries.flatMap(([key, one]) => findHeaderMistakes([...path, key], one));
}
