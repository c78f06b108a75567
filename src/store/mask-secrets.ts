// Takes secrets out of text before it is written. Everything that goes to disk passes through here, by way of
// run-directory.ts and run-log.ts.

const mask = '***';

const secretName =
  '(?:[\\w.-]*(?:password|passwd|passphrase|secret|api[_-]?key|apikey|access[_-]?key|private[_-]?key)|(?:[\\w.-]*[_-])?(?:token|pwd)|(?:proxy-)?authorization|(?:set-)?cookie|x-auth-token)';

/** What a quoted JSON value holds, escapes included. */
const jsonText = '(?:[^"\\\\]|\\\\.)*';

const rules: readonly (readonly [RegExp, string])[] = [
  // JSON members, plain or inside a JSON string (`\"password\":\"x\"`).
  [new RegExp(`("${secretName}"\\s*:\\s*")${jsonText}"`, 'gi'), `$1${mask}"`],
  [new RegExp(`(\\\\"${secretName}\\\\"\\s*:\\s*\\\\")[^"\\\\]*`, 'gi'), `$1${mask}`],
  // Header lines: `Authorization: Basic dXNlcjpw`, `Cookie: sid=1`.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)(\s*:\s*)[^\r\n"'<\\&]+/gi,
    `$1$2${mask}`,
  ],
  [/\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi, `$1$2${mask}`],
  // JSON Web Tokens, wherever they stand.
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g, mask],
  // scheme://user:password@host: the user stays, since it tells which account was meant.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@"'\\]*):[^\s/?#@"'\\]+@/gi, `$1:${mask}@`],
  // password=x in queries, forms and connection strings.
  [new RegExp(`\\b(${secretName})=(?!=)[^\\s&"'\\\\<>,;)]+`, 'gi'), `$1=${mask}`],
];

/**
 * Replaces secrets by `***`: authorization and cookie headers, bearer tokens, JSON Web Tokens, passwords in
 * URLs, and the values of names such as `password`, `token`, `api_key` and `client_secret`, in queries as in
 * JSON. JSON stays valid JSON. Masking twice changes nothing more.
 */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of rules) masked = masked.replace(pattern, replacement);
  return masked;
}
