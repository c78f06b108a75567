// Reads JSON that may have been changed by anyone. Used for run records and journals.

/** Names it may be written by in JSON; most files hold neither. */
const maybePrototype = /__proto__|\\u00/;

/**
 * As `JSON.parse`, but a key named __proto__ throws: nothing of ours writes one, and objects with it are not what they
 * seem to be. Throws a `SyntaxError` for what is no JSON.
 */
export function parseForeignJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (maybePrototype.test(text) && hasPrototypeKey(value)) {
    throw new SyntaxError('an object has a key named __proto__, which nothing in it may have');
  }
  return value;
}

/** Without recursion: values may be nested deeper than the stack. */
function hasPrototypeKey(value: unknown): boolean {
  const left = [value];
  for (let one = left.pop(); left.length > 0 || one !== undefined; one = left.pop()) {
    if (typeof one !== 'object' || one === null) continue;
    if (Object.hasOwn(one, '__proto__')) return true;
    // One by one: a list may be longer than the arguments of a call.
    for (const inner of Object.values(one)) left.push(inner);
  }
  return false;
}
