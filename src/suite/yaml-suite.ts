// Suites without code: YAML in, a plain object out, with the line of each path for messages. Used by suite.ts.

import { readFile } from 'node:fs/promises';
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { type Mistake, messageOf, SuiteError } from '../model/errors.ts';
import { type Path, parsePath, printPath } from './mistake.ts';
import { findLostTexts, mergeKey, plainScalars, restoreTexts } from './yaml-scalars.ts';

export interface YamlSuite {
  readonly value: unknown;
  /** What the plain object does not show any more. */
  readonly mistakes: readonly Mistake[];
  /** The same mistake with the line of the nearest thing that stands at its path. */
  withLine(mistake: Mistake): Mistake;
}

function makeLineFinder(document: Document.Parsed, counter: LineCounter) {
  /** The pair of a key, also where it is merged from elsewhere. */
  const pairOf = (map: unknown, key: string): { key: unknown; value: unknown } | undefined => {
    const node = isAlias(map) ? map.resolve(document) : map;
    if (isSeq(node)) return node.items.map((item) => pairOf(item, key)).find((pair) => pair !== undefined);
    if (!isMap(node)) return undefined;
    const own = node.items.find((item) => String(item.key) === key);
    return own ?? pairOf(node.items.find((item) => String(item.key) === mergeKey)?.value, key);
  };
  return (parts: readonly (string | number)[]): number | undefined => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const part of parts) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = pairOf(node, String(part));
        if (pair === undefined) break;
        if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(part)];
        if (!isNode(node)) break;
        offset = node.range?.[0] ?? offset;
      } else break;
    }
    return offset === undefined ? undefined : counter.linePos(offset).line;
  };
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: suites without code hold such placeholders
/** In `{ url: /items/${id} }` the braces of the template end the map. */
function hintFor(line: string): { readonly hint?: string } {
  if (!line.includes('${')) return {};
  return { hint: 'inside { } and [ ], a text with ${...} needs quotes: { url: "/items/${iteration}" }' };
}
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

/**
 * Reads a YAML suite, whose top-level keys `x-...` are for anchors alone. Scalars that look like numbers are texts as
 * written where `findMistakes` wants texts. Throws a `SuiteError` with the first syntax error and its place: what follows
 * it is mostly its consequence.
 */
export async function readYamlSuite(
  file: string,
  findMistakes: (value: unknown) => readonly Mistake[],
): Promise<YamlSuite> {
  const counter = new LineCounter();
  const text = await readFile(file, 'utf8');
  const options = { lineCounter: counter, prettyErrors: true, merge: true, stringKeys: true };
  const document = parseDocument(text, options);
  // A tag that nobody knows is a warning to the reader, which takes what follows for a text.
  const [first] = [...document.errors, ...document.warnings];
  if (first !== undefined) {
    const { line = 1, col = 1 } = first.linePos?.[0] ?? {};
    const mistake = { path: `line ${line}, column ${col}`, ...inWords(first) };
    throw new SuiteError(file, [mistake], hintFor(text.split('\n')[line - 1] ?? ''));
  }
  const value = withoutAnchors(plainValue(file, document));
  const scalars = plainScalars(document);
  restoreTexts(value, scalars, findMistakes);
  const lineOf = makeLineFinder(document, counter);
  return {
    value,
    mistakes: findLostTexts(scalars),
    withLine(mistake) {
      const line = lineOf(parsePath(mistake.path));
      return line === undefined ? mistake : { ...mistake, path: `${mistake.path} (line ${line})` };
    },
  };
}

function inWords({ code, message }: YAMLError): Pick<Mistake, 'expected' | 'found'> {
  const found = message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
  if (code === 'MULTIPLE_DOCS')
    return { expected: 'one suite in a file', found: 'another document after ---' };
  if (code === 'TAG_RESOLVE_FAILED') return { expected: 'tags of YAML itself only, such as !!str', found };
  return { expected: 'sound YAML', found };
}

/** Plain data that shares nothing: what an anchor and its aliases say in common may mean different things. */
function plainValue(file: string, document: Document.Parsed): unknown {
  try {
    return copyOf(document.toJS(), []);
  } catch (thrown) {
    if (thrown instanceof ForeignValue) throw new SuiteError(file, [thrown.mistake]);
    // An alias without its anchor, within itself, or one of so many that they would fill the memory.
    const found = thrown instanceof RangeError ? 'an alias within its own anchor' : messageOf(thrown);
    throw new SuiteError(file, [{ path: 'aliases', expected: 'aliases of anchors above them', found }]);
  }
}

/** What a tag such as !!timestamp, !!binary or !!set makes, and JSON does not have. */
class ForeignValue extends Error {
  readonly mistake: Mistake;
  constructor(path: Path, value: object) {
    super('no plain data');
    const found = `a ${value.constructor.name}, made by a tag`;
    this.mistake = {
      path: printPath(path),
      expected: 'a text, a number, true, false, null, a list or a map',
      found,
    };
  }
}

function copyOf(value: unknown, path: Path): unknown {
  if (Array.isArray(value)) return value.map((one, i) => copyOf(one, [...path, i]));
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new ForeignValue(path, value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copyOf(one, [...path, key])]));
}

function withoutAnchors(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')));
}
