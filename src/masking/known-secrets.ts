// The secrets that this process knows by value: from variables, URLs, options, headers that were sent and cookies that
// were set. One store for the process, since a text leaks whichever part of the program wrote it.

import { builtInMetrics } from '../model/metric.ts';
import { recordWords } from './record-words.ts';
import { formsOf, lastingFormsOf } from './secret-forms.ts';
import { isSecretName, isSecretParameter, isSecretVariable } from './secret-names.ts';

export const mask = '***';

/** Shorter values are too likely to be part of something else; they are masked where their name stands beside them. */
const minLength = 6;
/** Values up to this length are found only as words of their own. */
const wordLength = 11;
const maxLength = 8192;
const maxCount = 20_000;
const forgottenAtOnce = 1000;
/** Texts are searched for values by their first so many characters. */
const prefixLength = 4;
/** Of a value that was cut off so many characters give it away. */
const shortestPart = 6;
const longestPart = 2048;
const maxTries = 50;
const ellipsis = /\.\.\.|…/g;
const maxCuts = 20;

/** Well-known defaults, and words that records are made of: hiding them would hide no secret, but much else. */
const ordinary = new Set([
  ...[
    'postgres',
    'postgresql',
    'plimsoll',
    'password',
    'passwd',
    'secret',
    'changeme',
    'default',
    'localhost',
  ],
  ...[
    'example',
    'testing',
    'staging',
    'production',
    'development',
    'undefined',
    'anonymous',
    'disabled',
    'enabled',
  ],
  ...['bearer', 'required', 'environment', 'include', 'same-origin', 'prefer', 'require', 'verify-full'],
]);

/** Variables of shells that hold folders, whatever their names end in. */
const folders = new Set(['PWD', 'OLDPWD']);

/** A set of secret values that finds them in texts. */
export class KnownSecrets {
  readonly #values = new Set<string>();
  /** Names that texts are made of; a password that is the name of its database hides nothing. In lower case. */
  readonly #spared = new Set<string>();
  /** Values of headers that were taken in: users send the same again and again. */
  readonly #headers = new Set<string>();
  /** By what values begin with: how long such values are, and how many are that long. */
  readonly #lengths = new Map<string, Map<number, number>>();

  get size(): number {
    return this.#values.size;
  }

  /** Takes in one value; what is too short or an ordinary word is left alone. The oldest make room for new ones. */
  learn(value: string): void {
    if (this.#learnPassing(value)) for (const form of lastingFormsOf(value)) this.#addForm(form);
  }

  /** Takes in what comes in thousands, such as cookies. Is it news, and a secret? */
  #learnPassing(value: string): boolean {
    const { length } = value;
    if (this.#values.has(value) || length < minLength || length > maxLength) return false;
    if (this.#isOrdinary(value) || /^(.)\1*$/.test(value) || /^\d{1,7}$/.test(value)) return false;
    this.#add(value);
    for (const form of formsOf(value)) this.#addForm(form);
    return true;
  }

  #addForm(form: string): void {
    if (form.length >= minLength && !this.#isOrdinary(form)) this.#add(form);
  }

  #isOrdinary(value: string): boolean {
    const word = value.toLowerCase();
    return (
      ordinary.has(word) ||
      recordWords.has(word) ||
      Object.hasOwn(builtInMetrics, word) ||
      this.#spared.has(word)
    );
  }

  /** From now on the name of a suite, a task or a host is shown, also where it is a password as well. */
  spare(name: string): void {
    this.#spared.add(name.toLowerCase());
    if (!this.#values.delete(name)) return;
    this.#count(name, -1);
  }

  /** Takes in the value of a header that was or will be sent: of credentials without their scheme, of cookies each. */
  learnHeader(name: string, value: string): void {
    if (!isSecretName(name) || this.#headers.has(value)) return;
    if (this.#headers.size >= maxCount) this.#headers.clear();
    this.#headers.add(value);
    if (/cookie$/i.test(name)) {
      for (const pair of value.split(';')) this.#learnPassing(pair.slice(pair.indexOf('=') + 1).trim());
      return;
    }
    const credentials = /^(?:basic|bearer|token|digest|negotiate|apikey)\s+(\S.*)$/i.exec(value);
    this.#learnPassing(credentials?.[1] ?? value);
  }

  /** Takes in passwords of a URL, and the values of its secret parameters. Anything else is left alone. */
  learnUrl(text: string): void {
    if (text.length > maxLength || !/^[a-z][a-z\d+.-]*:\/\//i.test(text)) return;
    // Not by `URL`: what it cannot read is shown in messages all the more.
    const end = text.search(/[?#]/);
    const authority = /^[^:]+:\/\/([^/?#]*)@/.exec(text)?.[1];
    if (authority !== undefined) {
      const colon = authority.indexOf(':');
      const password = colon === -1 ? '' : authority.slice(colon + 1);
      // As in postgres://shop:shop@db/shop: what is no secret to anybody.
      const around = text.replace(`:${password}@`, '@').split(/[^\w.-]+/);
      if (around.includes(password)) return;
      this.learn(password);
      this.learn(percentDecoded(password));
      if (colon !== -1) this.learn(Buffer.from(percentDecoded(authority)).toString('base64'));
    }
    if (end === -1) return;
    for (const [name, value] of new URLSearchParams(text.slice(end + 1))) {
      if (isSecretParameter(name)) this.learn(value);
    }
  }

  /** Takes in every variable whose name says that it is secret, and the passwords of those that are URLs. */
  learnEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined) continue;
      if (isSecretVariable(name) && !folders.has(name) && !isPath(value)) this.learn(value);
      this.learnUrl(value);
    }
  }

  /** Takes in what is secret in a settings object, by the names of its members, however deep they stand. */
  learnSettings(settings: unknown): void {
    const seen = new Set<object>();
    const visit = (value: unknown, secret: boolean): void => {
      if (typeof value === 'string') {
        if (secret) this.learn(value);
        this.learnUrl(value);
      } else if (typeof value === 'object' && value !== null && !seen.has(value)) {
        seen.add(value);
        if (Array.isArray(value)) for (const item of value) visit(item, secret);
        else for (const key of Object.keys(value)) visit(memberOf(value, key), secret || isSecretName(key));
      }
    };
    visit(settings, false);
  }

  /**
   * The text with `***` in place of every value known, also of one that was cut off at the end of the text or before an
   * ellipsis. Takes time in proportion to the text.
   */
  hide(text: string): string {
    if (this.#values.size === 0 || text.length < minLength) return text;
    return this.#hideCut(this.#hideWhole(text));
  }

  #hideWhole(text: string): string {
    let result = '';
    let told = 0;
    for (let at = 0; at <= text.length - prefixLength; at++) {
      const value = this.#valueAt(text, at);
      if (value === undefined) continue;
      result += text.slice(told, at) + mask;
      told = at + value.length;
      at = told - 1;
    }
    return told === 0 ? text : result + text.slice(told);
  }

  /** Texts are cut to a length all over the program, and by servers. */
  #hideCut(text: string): string {
    let result = '';
    let told = 0;
    const cuts = [...text.matchAll(ellipsis)].slice(0, maxCuts).map(({ index }) => index);
    for (const end of [...cuts, text.length]) {
      let tries = 0;
      for (let at = Math.max(told, end - longestPart); at <= end - shortestPart && tries < maxTries; at++) {
        if (!this.#lengths.has(text.slice(at, at + prefixLength))) continue;
        tries++;
        const part = text.slice(at, end);
        if (isPart(text[at - 1]) || !this.#hasBeginning(part)) continue;
        result += text.slice(told, at) + mask;
        told = end;
      }
    }
    return told === 0 ? text : result + text.slice(told);
  }

  #hasBeginning(part: string): boolean {
    for (const value of this.#values) if (value.length > part.length && value.startsWith(part)) return true;
    return false;
  }

  /** The longest value that begins here. */
  #valueAt(text: string, at: number): string | undefined {
    const lengths = this.#lengths.get(text.slice(at, at + prefixLength));
    if (lengths === undefined) return undefined;
    let longest: string | undefined;
    for (const length of lengths.keys()) {
      if (length <= (longest?.length ?? 0)) continue;
      const value = text.slice(at, at + length);
      if (this.#values.has(value) && (length > wordLength || isWord(text, at, length))) longest = value;
    }
    return longest;
  }

  #add(value: string): void {
    if (this.#values.has(value)) return;
    if (this.#values.size >= maxCount) this.#forgetOldest();
    this.#values.add(value);
    this.#count(value, 1);
  }

  /** Many at once: to find the first of a set takes the longer, the more were deleted before it. */
  #forgetOldest(): void {
    let left = forgottenAtOnce;
    for (const oldest of this.#values) {
      if (left-- === 0) return;
      this.#values.delete(oldest);
      this.#count(oldest, -1);
    }
  }

  #count(value: string, by: 1 | -1): void {
    const prefix = value.slice(0, prefixLength);
    const lengths = this.#lengths.get(prefix) ?? new Map<number, number>();
    const count = (lengths.get(value.length) ?? 0) + by;
    if (count > 0) lengths.set(value.length, count);
    else lengths.delete(value.length);
    if (lengths.size > 0) this.#lengths.set(prefix, lengths);
    else this.#lengths.delete(prefix);
  }
}

/** What the running process knows. */
export const knownSecrets = new KnownSecrets();

/** The text as it is where its encoding is broken. */
export function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Getters of a suite may throw, and are none of our business here. */
function memberOf(value: object, key: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[key];
  } catch {
    return undefined;
  }
}

function isPart(char: string | undefined): boolean {
  return char !== undefined && /[A-Za-z\d]/.test(char);
}

/** Variables such as SSL_KEY name files. */
function isPath(value: string): boolean {
  return /^\.{0,2}\/[\w./-]*\.\w{2,5}$/.test(value);
}

function isWord(text: string, at: number, length: number): boolean {
  return !isPart(text[at - 1]) && !isPart(text[at + length]);
}
