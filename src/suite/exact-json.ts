// Reads JSON without changing its numbers, for what `save` takes from an answer into the next request. Called by
// response-value.ts.

import { numberOf } from '../model/exact-number.ts';

/** Strings are matched too, so that what looks like a number within one is left alone. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Long ones, zeros at the end of a fraction, exponents, -0, and fractions that JavaScript writes with an exponent. */
const perhapsChanged = /[\d.]{16}|\.\d*0(?!\d)|\d[eE]|-0|0\.0{6}/;
/** No character that JSON holds unescaped, so no string of an answer begins so by chance. */
const mark = '\\u0000number:';
const parsedMark = '\u0000number:';

/**
 * Like `JSON.parse`, but numbers keep their digits: an integer beyond 2^53 becomes a bigint, and any other number that
 * JavaScript would write differently (`1.10`) an `ExactNumber`. Throws a `SyntaxError` for what is not JSON.
 */
export function parseExact(text: string): unknown {
  const plain = JSON.parse(text) as unknown;
  if (!perhapsChanged.test(text)) return plain;
  const marked = text.replaceAll(stringOrNumber, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : `"${mark}${token}"`,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(parsedMark)
      ? numberOf(value.slice(parsedMark.length))
      : value,
  );
}
