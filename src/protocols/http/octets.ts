// Which bytes may stand where in an HTTP message: one table look-up per byte.

export const CR = 13;
export const LF = 10;
export const SPACE = 32;
export const TAB = 9;
export const COLON = 58;
export const SEMICOLON = 59;
export const ZERO = 48;

/** What a reader of octets returns in place of the next position: the bytes break the protocol. */
export const invalid = -1;
/** The bytes end before the line or the body does. */
export const needMore = -2;
/** The line is not as it should be; loose-lines.ts knows whether it can be read all the same. */
export const irregular = -3;

/** Bytes that may stand in a header name (RFC 9110 section 5.6.2), mapped to lower case; 0 for all others. */
export const tokenLowerCase = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  tokenLowerCase[char.charCodeAt(0)] = char.charCodeAt(0);
}
for (let upper = 65; upper <= 90; upper++) tokenLowerCase[upper] = upper + 32;

/** 1 for bytes that may stand in a header value or a reason phrase: tab, visible ASCII, obs-text. */
export const valueByte = new Uint8Array(256);
valueByte[9] = 1;
for (let byte = 32; byte < 256; byte++) if (byte !== 127) valueByte[byte] = 1;

/** Value of a hexadecimal digit, 255 for all other bytes. */
export const hexValue = new Uint8Array(256).fill(255);
for (let digit = 0; digit < 16; digit++) {
  const char = digit.toString(16);
  hexValue[char.charCodeAt(0)] = digit;
  hexValue[char.toUpperCase().charCodeAt(0)] = digit;
}

/** Does the header name that starts at `from` equal `name` (lower case), whatever its case? */
export function isName(bytes: Buffer, from: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    if (tokenLowerCase[bytes[from + i]!] !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** Without spaces and tabs at both ends; `trim` would also take the no-break space, which is a letter to HTTP. */
export function trimmed(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
