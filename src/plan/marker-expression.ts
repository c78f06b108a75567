// Expressions on the markers of profiles, as pytest's `-m` has them: `load and not slow`. Pure. Called by cli/choose-profiles.ts.

import { UsageError } from '../model/errors.ts';

/** Which profiles an expression means, and the markers that it names. */
export interface MarkerExpression {
  readonly markers: readonly string[];
  matches(markers: readonly string[]): boolean;
}

type Test = (markers: readonly string[]) => boolean;

/** `not` binds closer than `and`, and `and` than `or`. Throws a `UsageError` that says where it goes wrong. */
export function parseMarkerExpression(source: string): MarkerExpression {
  const tokens = source.match(/[()]|[^\s()]+/g) ?? [];
  const markers = new Set<string>();
  let at = 0;
  const fail = (expected: string): never => {
    const found = tokens[at] === undefined ? 'the end' : JSON.stringify(tokens[at]);
    throw new UsageError(`--marker ${JSON.stringify(source)}: expected ${expected}, found ${found}`, {
      hint: 'an expression of markers, and, or, not and brackets: -m "load and not slow"',
    });
  };
  const either = (): Test => {
    const parts = [both()];
    while (tokens[at] === 'or') {
      at++;
      parts.push(both());
    }
    return (one) => parts.some((part) => part(one));
  };
  const both = (): Test => {
    const parts = [single()];
    while (tokens[at] === 'and') {
      at++;
      parts.push(single());
    }
    return (one) => parts.every((part) => part(one));
  };
  const single = (): Test => {
    const token = tokens[at];
    if (token === 'not') {
      at++;
      const inner = single();
      return (one) => !inner(one);
    }
    if (token === '(') {
      at++;
      const inner = either();
      if (tokens[at] !== ')') fail('")"');
      at++;
      return inner;
    }
    if (token === undefined || !/^[\w-]+$/.test(token) || token === 'and' || token === 'or') {
      return fail('a marker');
    }
    at++;
    markers.add(token);
    return (one) => one.includes(token);
  };
  const matches = either();
  if (at < tokens.length) fail('"and", "or" or the end');
  return { markers: [...markers], matches };
}
