// JSON from outside, parsed in bounded time: what is nested without end, or has millions of parts, is refused before.
// Used by otlp/decode-json.ts, http.ts and prometheus-query.ts.

import { messageOf } from '../model/errors.ts';
import { ForeignDataError } from './foreign-data.ts';

const maxDepth = 100;
/** Objects and lists. */
const maxParts = 500_000;

/** Throws a `ForeignDataError`. */
export function parseForeignJson(text: string): unknown {
  assertShape(text);
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw new ForeignDataError(`it is not JSON: ${messageOf(thrown)}`);
  }
}

function assertShape(text: string): void {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 34: // "
        at = endOfText(text, at);
        break;
      case 91: // [
      case 123: // {
        depth++;
        parts++;
        if (depth > maxDepth) throw new ForeignDataError(`its JSON is nested deeper than ${maxDepth} levels`);
        if (parts > maxParts)
          throw new ForeignDataError(`its JSON has more than ${maxParts} objects and lists`);
        break;
      case 93: // ]
      case 125: // }
        depth--;
        break;
    }
  }
}

/** Where the text ends that begins at `at`. */
function endOfText(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === 92) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
