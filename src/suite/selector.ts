// Selectors of series as people write them: `http_req_duration{task:price,name:"GET /items/{id}, all"}`. Thresholds and
// alerts read theirs here.

import type { Tags } from '../model/metric.ts';

export interface Selector {
  readonly metric: string;
  readonly tags: Tags;
}

//   selector = metric [ "{" tag { "," tag } "}" ]            blanks may stand around every part
//   tag      = text ":" text
//   text     = '"' or "'", characters, the same again        a backslash keeps the next character as it is
//            | characters                                    in a value, `{` and `}` in pairs, with commas within
const metricPattern = /^[^{}\s]+$/;

/**
 * Parses a selector; `undefined` for anything else, also for a tag without a value and for one that occurs twice.
 *
 * **Source:** k6's grammar, with quotes, escapes and nested braces (metrics.ParseMetricName trims quotes of both kinds).
 */
export function parseSelector(text: string): Selector | undefined {
  const whole = text.trim();
  const open = whole.indexOf('{');
  const metric = (open === -1 ? whole : whole.slice(0, open)).trim();
  if (!metricPattern.test(metric)) return undefined;
  if (open === -1) return { metric, tags: {} };
  const read = readTags(whole, open);
  return read?.end === whole.length ? { metric, tags: Object.fromEntries(read.tags) } : undefined;
}

/** Where the tags end that begin with the `{` at `open`: just after their `}`. `undefined` when they do not end. */
export function endOfTags(text: string, open: number): number | undefined {
  return readTags(text, open)?.end;
}

interface Token {
  readonly value: string;
  /** Where the next character stands that is none of it. */
  readonly end: number;
}

function readTags(text: string, open: number): { tags: Map<string, string>; end: number } | undefined {
  const tags = new Map<string, string>();
  for (let at = open; text[at] === (at === open ? '{' : ','); ) {
    const name = readText(text, at + 1, ':,{}');
    if (name === undefined || text[name.end] !== ':' || tags.has(name.value)) return undefined;
    // The first colon parts name and value, so a value may hold further ones, as in `name:http://x/y`.
    const value = readText(text, name.end + 1, ',}');
    if (value === undefined) return undefined;
    tags.set(name.value, value.value);
    if (text[value.end] === '}') return { tags, end: value.end + 1 };
    at = value.end;
  }
  return undefined;
}

/** `undefined` for an empty text, and for one that does not end. */
function readText(text: string, from: number, stops: string): Token | undefined {
  const start = afterBlanks(text, from);
  const quote = text[start];
  return quote === '"' || quote === "'" ? readQuoted(text, start + 1, quote) : readPlain(text, start, stops);
}

function readQuoted(text: string, start: number, quote: string): Token | undefined {
  let value = '';
  for (let at = start; at < text.length; at++) {
    if (text[at] === quote) return value === '' ? undefined : { value, end: afterBlanks(text, at + 1) };
    if (text[at] === '\\') at++;
    value += text[at] ?? '';
  }
  return undefined;
}

function readPlain(text: string, start: number, stops: string): Token | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if (depth === 0 && stops.includes(character)) {
      const value = text.slice(start, at).trim();
      return value === '' ? undefined : { value, end: at };
    }
    if (character === '{') depth++;
    else if (character === '}') depth--;
  }
  return undefined;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}
