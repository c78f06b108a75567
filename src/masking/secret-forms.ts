// The forms in which the same secret may stand in a text: in URLs, forms, JSON and HTML. Called by known-secrets.ts.

import { plainText } from './control-characters.ts';

/** Lines of a secret with several, such as a key: shorter ones are too likely to be something else. */
const shortestLine = 16;

/** The forms other than the value itself. Most values have none, since they are letters and digits. */
export function formsOf(value: string): Set<string> {
  const forms = new Set<string>();
  if (/[^\w.~-]/.test(value)) {
    const encoded = percentEncoded(value);
    const inJson = JSON.stringify(value).slice(1, -1);
    // Of texts control characters are written out before they are searched.
    for (const form of [encoded, encoded.replaceAll('%20', '+'), inJson, plainText(value)]) forms.add(form);
    for (const apostrophe of ['&#39;', "'"]) forms.add(inHtml(value, apostrophe));
  }
  forms.delete(value);
  return forms;
}

/** Those that are rarer: of values of which there are few. */
export function lastingFormsOf(value: string): Set<string> {
  const bytes = Buffer.from(value);
  const forms = new Set([bytes.toString('base64'), bytes.toString('hex')]);
  if (/[^\w.~-]/.test(value)) {
    const encoded = percentEncoded(value);
    const inJson = JSON.stringify(value).slice(1, -1);
    for (const form of [encoded.toLowerCase(), percentEncoded(encoded), inAscii(inJson)]) forms.add(form);
    for (const form of [withoutMarkup(inJson), JSON.stringify(inJson).slice(1, -1)]) forms.add(form);
    for (const apostrophe of ['&#039;', '&#x27;', '&apos;']) forms.add(inHtml(value, apostrophe));
    for (const form of [value.replaceAll("'", "''"), value.replaceAll("'", "\\'")]) forms.add(form);
    for (const line of linesOf(plainText(value))) forms.add(line);
  }
  forms.delete(value);
  return forms;
}

function linesOf(value: string): string[] {
  if (!value.includes('\n')) return [];
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= shortestLine && !line.startsWith('-----'));
}

function inHtml(value: string, apostrophe: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);
}

/** As PHP and Python write JSON. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, unicodeEscape);
}

/** As Go writes JSON. */
function withoutMarkup(json: string): string {
  return json.replace(/[<>&]/g, unicodeEscape);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function percentEncoded(value: string): string {
  try {
    return encodeURIComponent(value);
  } catch {
    // Half of a surrogate pair.
    return value;
  }
}
