// The door of masking/: texts and data from users, servers and foreign files pass here before they are kept, sent or
// printed. Records and events are masked where they are made, so that every rendering of them is safe.

import { plainText } from './control-characters.ts';
import { knownSecrets, mask } from './known-secrets.ts';
import { isSecretName } from './secret-names.ts';
import { maskPatterns } from './secret-patterns.ts';

/**
 * The text without secrets, `***` in their place: values that this process knows to be secret, and whatever looks like
 * one. Control characters are written out. Masking twice changes nothing more. `own` are further secrets that the caller
 * knows, longest first, such as the path of a webhook.
 */
export function maskText(text: string, own: readonly string[] = []): string {
  let rest = text;
  for (const secret of own) if (secret !== '') rest = rest.replaceAll(secret, mask);
  return maskPatterns(knownSecrets.hide(plainText(rest)));
}

/** Members that hold encoded numbers. */
const numbersOnly = new Set(['histogram']);
const maxDepth = 64;

/**
 * A copy of JSON-like data in which every text and every member name is masked, and texts under secret names are gone;
 * what has nothing to mask is returned as it is, and typed arrays always are. Prototypes are not followed.
 */
export function maskData<Data>(data: Data): Data {
  return new DataMasker().masked(data, false, 0) as Data;
}

interface MemberName {
  readonly masked: string;
  readonly isSecret: boolean;
}

/** Records repeat the same few names and words thousands of times: each is looked at once. */
class DataMasker {
  readonly #names = new Map<string, MemberName>();
  readonly #texts = new Map<string, string>();

  masked(value: unknown, secret: boolean, depth: number): unknown {
    if (typeof value === 'string') return secret && value !== '' ? mask : this.#text(value);
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (depth > maxDepth) return mask;
    if (Array.isArray(value)) return this.#array(value, secret, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return value;
    return this.#object(value as Readonly<Record<string, unknown>>, depth);
  }

  #array(array: readonly unknown[], secret: boolean, depth: number): readonly unknown[] {
    let copy: unknown[] | undefined;
    for (let i = 0; i < array.length; i++) {
      const after = this.masked(array[i], secret, depth + 1);
      if (after !== array[i]) copy ??= array.slice();
      if (copy !== undefined) copy[i] = after;
    }
    return copy ?? array;
  }

  #object(object: Readonly<Record<string, unknown>>, depth: number): object {
    let changed = false;
    const entries: [string, unknown][] = [];
    for (const key of Object.keys(object)) {
      const before = object[key];
      const name = this.#name(key);
      const after = numbersOnly.has(key) ? before : this.masked(before, name.isSecret, depth + 1);
      changed ||= after !== before || name.masked !== key;
      entries.push([name.masked, after]);
    }
    // Names such as __proto__ stay members.
    return changed ? Object.fromEntries(entries) : object;
  }

  #name(name: string): MemberName {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const made = { masked: maskText(name), isSecret: isSecretName(name) };
    if (isShort(name) && this.#names.size < mostRemembered) this.#names.set(name, made);
    return made;
  }

  #text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const masked = maskText(text);
    if (isShort(text) && this.#texts.size < mostRemembered) this.#texts.set(text, masked);
    return masked;
  }
}

const mostRemembered = 2000;

function isShort(text: string): boolean {
  return text.length <= 100;
}
