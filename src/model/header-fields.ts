// Which names and values may stand in a header. The rules of suites ask it when a suite is loaded, the protocols for
// everything that goes out.

const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What may stand in a value: tab, visible ASCII, and the bytes that RFC 9110 section 5.5 calls obs-text. */
const illegalCharacter = /[^\t\x20-\x7e\x80-\xff]/;
/** Most values: legal, and no blank at either end. */
const plainValue = /^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/;

const calledBy: ReadonlyMap<number, string> = new Map([
  [0, 'a NUL'],
  [10, 'a line feed'],
  [13, 'a carriage return'],
]);

/** Says what is wrong with a header's name; `undefined` when nothing is. */
export function headerNameFault(name: string): string | undefined {
  if (fieldName.test(name)) return undefined;
  return name === '' ? 'a header has an empty name' : `${JSON.stringify(name)} is not the name of a header`;
}

/**
 * Says which character of a header's value may not go out, and where it stands; `undefined` when all may. The value
 * itself is not shown: it may be a secret.
 */
export function headerValueFault(value: string): string | undefined {
  const at = value.search(illegalCharacter);
  if (at < 0) return undefined;
  const code = value.codePointAt(at)!;
  const called = calledBy.get(code) ?? (code > 0xff ? 'a character beyond Latin-1' : 'a control character');
  const point = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const hint = value.slice(at).trim() === '' ? '; a value read from a file often ends so: trim it' : '';
  return `has ${called} (${point}) as character ${at + 1} of ${value.length}, which is not allowed in a header${hint}`;
}

/** Is it a text that goes out as it is? True for most; a quick look before `headerValue`. */
export function isPlainValue(value: unknown): value is string {
  return typeof value === 'string' && plainValue.test(value);
}

/**
 * A value as it goes out: blanks at both ends are no part of it (RFC 9110 section 5.5). `what` names it in the
 * `TypeError` that is thrown for what is no text or number, or has a character that may not stand there.
 */
export function headerValue(what: string, value: unknown): string {
  const kind = typeof value;
  if (kind !== 'string' && kind !== 'number' && kind !== 'boolean' && kind !== 'bigint') {
    throw new TypeError(
      `${what} is ${value === null ? 'null' : kind}; expected a text or a number (leave out a value that must not be sent)`,
    );
  }
  const text = String(value);
  const fault = headerValueFault(text);
  if (fault !== undefined) throw new TypeError(`${what} ${fault}`);
  return withoutOuterBlanks(text);
}

function withoutOuterBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && ' \t'.includes(text[from]!)) from++;
  while (to > from && ' \t'.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}
