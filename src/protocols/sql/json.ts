// JSON in both directions with whole numbers as they are, also those beyond 2^53, which become bigints as with `int8`.
// Called by rows.ts and parameters.ts.

/** Texts are passed over as a whole; then a whole number of so many digits that it may not be exact. */
const longNumbers = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;
/** Fraction digits before it make it no whole number. */
const hasLongNumber = /\d{16}/;
const mark = '\u0000bigint:';
const marked = /"\\u0000bigint:(-?\d+)"/g;

/** Throws a `SyntaxError` as `JSON.parse` does. */
export function parseJson(text: string): unknown {
  if (!hasLongNumber.test(text)) return JSON.parse(text);
  let isMarked = false;
  const exact = text.replace(longNumbers, (token, at: number) => {
    if (token.startsWith('"') || /[\d.eE+]/.test(text[at - 1] ?? '') || Number.isSafeInteger(Number(token))) {
      return token;
    }
    isMarked = true;
    return `"\\u0000bigint:${token}"`;
  });
  if (!isMarked) return JSON.parse(text);
  return JSON.parse(exact, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** What `JSON.stringify` gives, with bigints as numbers. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    // It says so of bigints, and of objects that hold themselves.
    if (!(thrown instanceof TypeError)) throw thrown;
  }
  const text = JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'bigint') return inner;
    return mark + String(inner);
  });
  return text.replace(marked, '$1');
}
