// Tells by its name whether a value is a secret: names of headers, JSON members, variables, query parameters, options.
// Called by the other files of masking/.

/** A name that ends in one of these names a secret, whatever stands before it: `PGPASSWORD`, `accessToken`. */
const secretEndings = [
  'password',
  'passwords',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'secrets',
  'token',
  'apikey',
  'authorization',
  'credential',
  'credentials',
  'cookie',
  'jwt',
  'sas',
  'bearer',
  'signature',
  'sessionid',
  'sessid',
  'secretkey',
  'accesskey',
  'privatekey',
  'passwort',
  'kennwort',
];
/** Names that are short, and therefore only as a whole word at the end: `x-auth`, `?sig=`. `sas` ends words as well. */
const secretWords = new Set(['auth', 'sig', 'sid', 'otp', 'totp', 'pass', 'cvv', 'cvc']);
/** Endings that are ordinary words, or parts of them. */
const wholeWordOnly = new Set(['sas', 'bearer']);
/** What kind of key is one: an API key is secret, a primary key is not. */
const secretKeys = new Set([
  ...[
    'access',
    'account',
    'admin',
    'api',
    'app',
    'auth',
    'aws',
    'client',
    'consumer',
    'deploy',
    'encryption',
  ],
  ...[
    'function',
    'functions',
    'host',
    'hmac',
    'license',
    'master',
    'private',
    'secret',
    'security',
    'service',
  ],
  ...['session', 'shared', 'signature', 'signing', 'ssh', 'storage', 'subscription', 'webhook'],
]);
/** A name with one of these anywhere is secret, unless it ends in a word that says something else of it. */
const strongWords = new Set(['password', 'passwd', 'passphrase', 'secret']);
const harmlessEnds = new Set([
  ...[
    'age',
    'attempts',
    'changed',
    'count',
    'enabled',
    'error',
    'errors',
    'expires',
    'expiry',
    'field',
    'file',
    'hint',
  ],
  ...[
    'id',
    'length',
    'max',
    'min',
    'name',
    'path',
    'policy',
    'rate',
    'required',
    'reset',
    'rotation',
    'rule',
    'rules',
  ],
  ...['strength', 'title', 'ttl', 'type', 'url', 'valid', 'version'],
]);
/** Words after a secret one that still leave the value secret: `passwordConfirmation`, `secret_value`. */
const secretTails = new Set([
  'hash',
  'value',
  'confirmation',
  'confirm',
  'repeat',
  'new',
  'old',
  'again',
  'plain',
  'text',
  'b64',
  'base64',
  'header',
]);

/** Words before `token` that say which of many it is: `time_to_first_token` is a time, and no secret. */
const countedTokens = new Set(['first', 'last', 'next', 'per', 'output', 'input', 'inter', 'completion']);

const maxNameLength = 200;
/** Names recur: the answer for each is kept, up to this many. */
const maxKept = 5000;
const answers = new Map<string, boolean>();

/**
 * Is the value of this name a secret? `api_key`, `accessToken`, `Ocp-Apim-Subscription-Key`, `DB_PASS` and
 * `set-cookie` are; `tokens`, `token_type`, `primaryKey` and `password_policy` are not.
 */
export function isSecretName(name: string): boolean {
  if (name.length > maxNameLength) return false;
  let answer = answers.get(name);
  if (answer === undefined) {
    answer = decide(name);
    if (answers.size >= maxKept) answers.clear();
    answers.set(name, answer);
  }
  return answer;
}

/** What protocols and servers call their secrets: OAuth (RFC 7521, RFC 7636), SAML, Redis, Azure. */
const namesOfProtocols = new Set([
  ...[
    'assertion',
    'client_assertion',
    'code_verifier',
    'saml_response',
    'connection_string',
    'requirepass',
    'masterauth',
  ],
]);

/** Names that are secret in a URL's query, where a bare `key` is no name of a thing. */
export function isSecretParameter(name: string): boolean {
  return /^(key|k|code|pass|pw|p|auth|sign|hash|h?mac|session|ticket|pin)$/i.test(name) || isSecretName(name);
}

/** Names of environment variables, where any key is one that opens something: `STRIPE_KEY`, `APP_CREDS`, `SENTRY_DSN`. */
export function isSecretVariable(name: string): boolean {
  return /_(key|keys|creds?|dsn|pat|pin)$/i.test(name)
    ? !/(^|_)(primary|public|partition|sort)_keys?$/i.test(name)
    : isSecretName(name);
}

function decide(name: string): boolean {
  const words = wordsOf(name);
  while (words.length > 1 && (secretTails.has(words.at(-1)!) || /^\d+$/.test(words.at(-1)!))) words.pop();
  const last = words.at(-1)?.replace(/\d+$/, '');
  if (last === undefined || last === '') return false;
  if (words.some((word) => strongWords.has(word)) && !harmlessEnds.has(last)) return true;
  if (secretWords.has(last) || namesOfProtocols.has(words.join('_'))) return true;
  if (last === 'key' || last === 'keys') return words.length > 1 && isKindOfKey(words.at(-2)!);
  if ((last === 'id' || last === 'code') && words.length > 1) return isSecretPair(words.at(-2)!, last);
  if ((last === 'pass' || last === 'pw') && words.length > 1) return true;
  if (last === 'token' && countedTokens.has(words.at(-2) ?? '')) return false;
  return secretEndings.some(
    (ending) => last === ending || (!wholeWordOnly.has(ending) && last.endsWith(ending)),
  );
}

/** `api_key`, `x-rapidapi-key` */
function isKindOfKey(word: string): boolean {
  return secretKeys.has(word) || word.endsWith('api');
}

/** `session_id`, `sess-id`, `auth_code` */
function isSecretPair(first: string, last: string): boolean {
  return last === 'id'
    ? /^(sess|session)$/.test(first)
    : /^(auth|authorization|mfa|verification|security)$/.test(first);
}

/** `OcpApimKey`, `ocp-apim-key`, `OCP_APIM_KEY` and `ocp.apim.key` are the same words, in lower case. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}
