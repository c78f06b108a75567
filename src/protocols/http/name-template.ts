// Turns the path of a URL into the name of its series: `/users/17` and `/users/18` are both `/users/:id`.
// Called by target.ts when it meets a URL that it does not know yet.

const placeholder = ':id';

const digits = /^\d+$/;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Object ids, hashes. Words are hexadecimal at times (`facade`), so a digit must be among them. */
const longHex = /^(?=.*\d)[0-9a-f]{12,}$/i;
/** Base64url, ULID, nano id: capitals and digits mixed as no word of a path has them. */
const mixedId = /^(?=.*\d)(?=.*[A-Z])[\w-]{16,}={0,2}$/;
/** cuid and the like: long, no separator, several digits among small letters. */
const longLowerId = /^(?=(?:[a-z]*\d){3})[0-9a-z]{20,}$/;

/** The path with each segment that is an id replaced by `:id`; the same text when there is none. */
export function templateOf(path: string): string {
  // Most paths without a digit are told by one look: every kind of id has one.
  if (!/\d/.test(path)) return path;
  let template = '';
  let from = 0;
  while (from <= path.length) {
    let end = path.indexOf('/', from);
    if (end < 0) end = path.length;
    const segment = path.slice(from, end);
    template += isId(segment) ? placeholder : segment;
    if (end < path.length) template += '/';
    from = end + 1;
  }
  return template;
}

function isId(segment: string): boolean {
  if (digits.test(segment)) return true;
  if (segment.length < 12) return false;
  return longHex.test(segment) || uuid.test(segment) || mixedId.test(segment) || longLowerId.test(segment);
}
