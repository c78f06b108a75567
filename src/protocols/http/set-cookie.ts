// Reads `set-cookie` headers as user agents do (RFC 6265 sections 5.1 and 5.2, with the amendments of RFC 6265bis that
// browsers follow). Called by cookie-jar.ts.

import { trimmed } from './octets.ts';

/** What a header asks for; whether it may is the jar's question. */
export interface SetCookie {
  readonly name: string;
  readonly value: string;
  /** Lower case, without a leading dot; empty without one. */
  readonly domain: string;
  /** Empty without one that begins with a slash. */
  readonly path: string;
  readonly secure: boolean;
  /** Wall clock; infinite for a cookie that lives as long as its user. */
  readonly expiresEpochMs: number;
}

/** Longer cookies, and longer attributes, are ignored by browsers. */
const maxPairLength = 4096;
const maxAttributeLength = 1024;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that spoil a cookie
const controlCharacter = /[\x00-\x08\x0a-\x1f\x7f]/;

/** `null` for a header that sets no cookie. */
export function parseSetCookie(header: string, nowEpochMs: number): SetCookie | null {
  if (controlCharacter.test(header)) return null;
  const [pair = '', ...attributes] = header.split(';');
  const equals = pair.indexOf('=');
  // Without `=` it is a value without a name, which is sent back as such.
  const name = equals < 0 ? '' : trimmed(pair.slice(0, equals));
  const value = trimmed(pair.slice(equals + 1));
  if (name + value === '' || name.length + value.length > maxPairLength) return null;
  let domain = '';
  let path = '';
  let secure = false;
  let expiresEpochMs: number | undefined;
  let maxAgeMs: number | undefined;
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const key = trimmed(at < 0 ? attribute : attribute.slice(0, at)).toLowerCase();
    const text = at < 0 ? '' : trimmed(attribute.slice(at + 1));
    if (text.length > maxAttributeLength) continue;
    if (key === 'secure') secure = true;
    else if (key === 'domain') domain = text.replace(/^\./, '').replace(/\.$/, '').toLowerCase();
    else if (key === 'path') path = text.startsWith('/') ? text : '';
    else if (key === 'expires') expiresEpochMs = parseCookieDate(text) ?? expiresEpochMs;
    else if (key === 'max-age' && /^-?\d+$/.test(text)) maxAgeMs = Number(text) * 1000;
  }
  if (maxAgeMs !== undefined)
    expiresEpochMs = maxAgeMs <= 0 ? Number.NEGATIVE_INFINITY : nowEpochMs + maxAgeMs;
  return { name, value, domain, path, secure, expiresEpochMs: expiresEpochMs ?? Number.POSITIVE_INFINITY };
}

const delimiters = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** The parts of a date, in the order in which a token is tried as one of them. */
const dateParts = {
  time: /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/,
  day: /^(\d{1,2})(?:\D|$)/,
  month: new RegExp(`^(${monthNames.join('|')})`, 'i'),
  year: /^(\d{2,4})(?:\D|$)/,
};

/** A date in any of the forms that servers have written (RFC 6265 section 5.1.1); `undefined` for what is none. */
export function parseCookieDate(text: string): number | undefined {
  const found = new Map<string, RegExpExecArray>();
  for (const token of text.split(delimiters)) {
    for (const [part, pattern] of Object.entries(dateParts)) {
      const match = found.has(part) ? null : pattern.exec(token);
      if (match === null) continue;
      found.set(part, match);
      break;
    }
  }
  if (found.size < 4) return undefined;
  const [hours, minutes, seconds] = found.get('time')!.slice(1).map(Number) as [number, number, number];
  const day = Number(found.get('day')![1]);
  const month = monthNames.indexOf(found.get('month')![1]!.toLowerCase());
  let year = Number(found.get('year')![1]);
  if (year < 70) year += 2000;
  else if (year < 100) year += 1900;
  if (year < 1601 || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const date = new Date(Date.UTC(year, month, day, hours, minutes, seconds));
  // Days that the month does not have.
  return date.getUTCDate() === day && date.getUTCMonth() === month ? date.getTime() : undefined;
}
