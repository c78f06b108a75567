// Finds secrets in text by what stands around them: a name that says so, a URL's password, the form of a token.
// Every rule takes time in proportion to the text. Called by mask.ts.

import { mask } from './known-secrets.ts';
import { isSecretName, isSecretParameter } from './secret-names.ts';

/** Quotes as they stand in JSON, in JSON inside JSON, in HTML and in URLs. */
const quotes = [
  '\\\\\\"',
  '\\\\"',
  '\\"',
  '"',
  "\\'",
  "'",
  '`',
  '&quot;',
  '&#34;',
  '&#x22;',
  '&#39;',
  '&apos;',
  '%22',
  '%27',
  '\\u0022',
];
const name = /[A-Za-z\d_.-]+/g;
const singleWord = /^[A-Za-z\d_.-]*$/;
/** What names are joined to their values by. */
const separator = /[ \t]{0,8}(?:=>|[:=]|%(?:25)?3[AaDd])[ \t]{0,8}/y;
const bareValue = /[^\s&"'`\\<>,;)}\]]+/y;
const elementValue = /[^<]+/y;
const comma = /[ \t]{0,8},[ \t]{0,8}/y;
const lineValue = /[^\r\n"'<>\\&]+/y;
/** What a secret is not called when it is written without quotes after a colon: prose. */
const proseName = /^(token|auth|pass|secret|secrets|credentials|signature|cookie)$/i;

/**
 * Replaces by `***`: values of secret names in JSON, queries, forms, headers and variables; bearer and basic
 * credentials; JSON Web Tokens and tokens of well-known forms; private keys; passwords in URLs; and the values that
 * PostgreSQL and Redis quote in their errors. Masking twice changes nothing more.
 */
export function maskPatterns(text: string): string {
  // Nothing stands around a single word, and most texts of a record are one.
  if (singleWord.test(text)) return isToken(text) ? mask : text;
  return maskServerValues(maskNamed(maskTokens(maskUrls(maskKeys(text)))));
}

/** PEM blocks of private keys. */
function maskKeys(text: string): string {
  if (!text.includes('PRIVATE KEY')) return text;
  const begin = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/g;
  let result = '';
  let told = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const end = text.indexOf('-----END', begin.lastIndex);
    result += `${text.slice(told, begin.lastIndex)}${mask}`;
    told = end === -1 ? text.length : end;
    begin.lastIndex = told;
  }
  return result + text.slice(told);
}

/** scheme://user:password@host: the user stays, since it tells which account was meant. */
function maskUrls(text: string): string {
  let at = text.indexOf('://');
  if (at === -1) return text;
  let result = '';
  let told = 0;
  for (; at !== -1; at = text.indexOf('://', at + 3)) {
    const start = at + 3;
    if (start < told || !/[A-Za-z\d+.-]/.test(text[at - 1] ?? '')) continue;
    const found = passwordOf(text, start);
    if (found === undefined) continue;
    result += `${text.slice(told, found.from)}${mask}`;
    told = found.to;
  }
  return result + text.slice(told);
}

/** No URL that anybody writes has more than this before its host. */
const maxUserInfo = 1024;

/** Where the password of the URL stands whose authority begins at `start`. */
function passwordOf(text: string, start: number): { from: number; to: number } | undefined {
  const area = text.slice(start, start + maxUserInfo);
  const end = area.search(/[\s"'<>`]/);
  const url = end === -1 ? area : area.slice(0, end);
  const slash = url.search(/[/?#]/);
  const authority = slash === -1 ? url : url.slice(0, slash);
  const colon = url.indexOf(':');
  let atSign = authority.lastIndexOf('@');
  if (atSign === -1) {
    // A password with an unencoded slash; a port in its place is all digits.
    if (colon === -1 || colon > authority.length || /^\d*$/.test(authority.slice(colon + 1)))
      return undefined;
    atSign = url.lastIndexOf('@');
    if (atSign === -1) return undefined;
  }
  if (colon !== -1 && colon < atSign) {
    return colon + 1 === atSign ? undefined : { from: start + colon + 1, to: start + atSign };
  }
  // A user alone that looks like a key: https://0123456789abcdef0123@host
  return looksRandom(url.slice(0, atSign), 20) ? { from: start, to: start + atSign } : undefined;
}

const credentials = /\b(bearer|basic|digest|negotiate|apikey)([ \t]{1,8})([A-Za-z\d._~+/=-]{8,})/gi;
/** As prose has it: `no login with password 0a1b2c3d`; a figure such as `153.25ms` is none. */
const spokenPassword = /\b(pass(?:word|wd|phrase)[ \t]{1,8})([A-Za-z\d._~+/=-]{8,})/gi;
const tokenStarts = [
  'ghp_',
  'gho_',
  'ghs_',
  'ghu_',
  'github_pat_',
  'glpat-',
  'xoxb-',
  'xoxp-',
  'xoxa-',
  'xoxs-',
  'sk-',
  'sk_live_',
  'sk_test_',
  'rk_live_',
  'whsec_',
  'AKIA',
  'ASIA',
  'AIza',
  'npm_',
  'ya29.',
  'SG.',
  'dop_v1_',
  'hvs.',
];
const webhookPath =
  /(hooks\.slack\.com\/(?:services|workflows|triggers)\/|discord(?:app)?\.com\/api\/webhooks\/|\/bot)([A-Za-z\d/_:-]{20,})/g;

function maskTokens(text: string): string {
  const masked = text
    .replace(credentials, (all, scheme: string, space: string, value: string) =>
      /[A-Z\d=+/_~.]/.test(value) || value.length > 20 ? `${scheme}${space}${mask}` : all,
    )
    .replace(spokenPassword, (all, before: string, value: string) =>
      looksRandom(value, 8) && !/^[\d.,]+[a-z]{0,3}\.?$/i.test(value) ? `${before}${mask}` : all,
    )
    .replace(webhookPath, `$1${mask}`);
  name.lastIndex = 0;
  return masked.replace(name, (word) => (isToken(word) ? mask : word));
}

function isToken(word: string): boolean {
  if (word.length < 16) return false;
  if (word.startsWith('eyJ')) {
    const [head, body, rest] = word.split('.', 3);
    return rest !== undefined && head!.length >= 8 && body!.length >= 5;
  }
  return tokenStarts.some((start) => word.startsWith(start)) && /\d/.test(word);
}

function looksRandom(text: string, length: number): boolean {
  return text.length >= length && /\d/.test(text) && /[A-Za-z]/.test(text);
}

/** Values beside secret names. */
function maskNamed(text: string): string {
  let result = '';
  let told = 0;
  name.lastIndex = 0;
  for (let match = name.exec(text); match !== null; match = name.exec(text)) {
    const word = match[0];
    const end = name.lastIndex;
    const before = text[match.index - 1];
    const parameter = before === '?' || before === '&';
    if (!(parameter ? isSecretParameter(word) : isSecretName(word))) continue;
    const value = valueAfter(text, word, end);
    if (value === undefined || text.startsWith(mask, value.from)) continue;
    result += `${text.slice(told, value.from)}${mask}`;
    told = value.to;
    name.lastIndex = Math.max(end, told);
  }
  return told === 0 ? text : result + text.slice(told);
}

/** The value that belongs to the name which ends at `end`, without its quotes. */
function valueAfter(text: string, word: string, end: number): { from: number; to: number } | undefined {
  // <password>value</password>
  if (text[end] === '>' && text[end - word.length - 1] === '<') return inElement(text, end + 1);
  const closing = quoteAt(text, end);
  separator.lastIndex = end + (closing?.length ?? 0);
  const joined = separator.exec(text)?.[0];
  if (joined === undefined) return undefined;
  const from = separator.lastIndex;
  const opening = quoteAt(text, from);
  if (opening !== undefined) return quoted(text, opening, from + opening.length);
  if (text[from] === '[') return listed(text, from + 1);
  // `token: 5 of 5`, `password == c`
  const isEquals = joined.includes('=') || /%(?:25)?3d/i.test(joined);
  if (text[from] === '=' || (!isEquals && closing !== undefined && /[\d[{tfn-]/.test(text[from] ?? ''))) {
    return undefined;
  }
  const isHeader = !isEquals && /authorization$|cookie$|-/i.test(word);
  const pattern = isHeader ? lineValue : bareValue;
  pattern.lastIndex = from;
  const value = pattern.exec(text)?.[0];
  if (value === undefined) return undefined;
  if (!isEquals && !isHeader && proseName.test(word) && !looksRandom(value, 8)) return undefined;
  return { from, to: from + value.trimEnd().length };
}

function quoteAt(text: string, at: number): string | undefined {
  return quotes.find((quote) => text.startsWith(quote, at));
}

function inElement(text: string, from: number): { from: number; to: number } | undefined {
  elementValue.lastIndex = from;
  const value = elementValue.exec(text)?.[0];
  return value === undefined ? undefined : { from, to: from + value.length };
}

/** The texts of a list, such as headers that were sent more than once. */
function listed(text: string, from: number): { from: number; to: number } | undefined {
  const quote = quoteAt(text, from);
  if (quote === undefined) return undefined;
  let to = from;
  for (let next = quoteAt(text, to); next !== undefined; next = quoteAt(text, to)) {
    const value = quoted(text, next, to + next.length);
    to = value === undefined ? to + 2 * next.length : value.to + next.length;
    comma.lastIndex = to;
    if (!comma.test(text)) break;
    to = comma.lastIndex;
  }
  return { from, to: Math.min(to, text.length) };
}

/** A value up to the quote it began with; to its end where it was cut off. */
function quoted(text: string, quote: string, from: number): { from: number; to: number } | undefined {
  const escapable = quote.length === 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith(quote, at)) return at === from ? undefined : { from, to: at };
    if (escapable && text[at] === '\\') at++;
  }
  return from === text.length ? undefined : { from, to: text.length };
}

/** What servers quote of the values they were sent. */
const serverValues: readonly (readonly [RegExp, string])[] = [
  // PostgreSQL: Key (email)=(x@y.z) already exists. Failing row contains (1, x).
  [
    /(Key \([^)\n]{0,200}\)=\()[^\n]{0,2000}?(\) (?:already exists|is not present|is still referenced|conflicts))/g,
    `$1${mask}$2`,
  ],
  [/(Failing row contains \()[^\n]*/g, `$1${mask}).`],
  [
    /((?:invalid input (?:syntax|value) for [^:\n]{1,100}|malformed [^:\n]{1,60} literal|(?:date\/time|numeric) field [^:\n]{1,60}): ")[^\n]*(")/g,
    `$1${mask}$2`,
  ],
  // What stands near a syntax error, where it is a literal; what is wrong in JSON.
  // SQL: ALTER ROLE x PASSWORD 'y'
  [/(\bpassword[ \t]{1,8}')[^'\n]{1,2000}(')/gi, `$1${mask}$2`],
  [/(conflicts with existing key \([^)\n]{0,200}\)=\()[^\n]*(\))/g, `$1${mask}$2`],
  [/(at or near "['$\d])[^\n]{0,1000}?("(?: at |;|$|\n))/gm, `$1${mask}$2`],
  [/(at or near (?:\\?"|&quot;)['$\d])[^"\n*]{0,1000}?(\\?"|&quot;)/g, `$1${mask}$2`],
  [/(invalid value for parameter "[^"\n]{1,100}": ")[^\n]*(")/g, `$1${mask}$2`],
  [/(invalid XML (?:content|document|comment|processing instruction)\b)[\s\S]{1,2000}/g, `$1 ${mask}`],
  [/(Token ")[^\n]{0,1000}(" is invalid)/g, `$1${mask}$2`],
  [/(value ")[^"\n]{0,2000}(" is out of range)/g, `$1${mask}$2`],
  // Redis: ERR unknown command 'X', with args beginning with: 'a' 'b'
  [/(with args beginning with: ?)[^\n]*/g, `$1${mask}`],
];

function maskServerValues(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of serverValues) masked = masked.replace(pattern, replacement);
  return masked;
}
