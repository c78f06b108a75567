// Suites without code: YAML in, a plain object out, with the line of each path for messages. Used by suite.ts.

import { readFile } from 'node:fs/promises';
import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Mistake, SuiteError } from '../model/errors.ts';
import { parsePath } from './mistake.ts';

export interface YamlSuite {
  readonly value: unknown;
  /** The same mistake with the line of the nearest thing that stands at its path. */
  withLine(mistake: Mistake): Mistake;
}

function makeLineFinder(document: ReturnType<typeof parseDocument>, counter: LineCounter) {
  return (parts: readonly (string | number)[]): number | undefined => {
    let node: unknown = document.contents;
    let offset: number | undefined;
    for (const part of parts) {
      if (isMap(node)) {
        const pair = node.items.find((item) => String(item.key) === String(part));
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
 * Reads a YAML suite. Throws a `SuiteError` with the first syntax error and its place: what follows it is
 * mostly its consequence.
 */
export async function readYamlSuite(file: string): Promise<YamlSuite> {
  const counter = new LineCounter();
  const text = await readFile(file, 'utf8');
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: true });
  const [first] = document.errors;
  if (first !== undefined) {
    const { line = 1, col = 1 } = first.linePos?.[0] ?? {};
    const mistake = {
      path: `line ${line}, column ${col}`,
      expected: 'sound YAML',
      found: first.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
    };
    throw new SuiteError(file, [mistake], hintFor(text.split('\n')[line - 1] ?? ''));
  }
  const lineOf = makeLineFinder(document, counter);
  return {
    value: document.toJS(),
    withLine(mistake) {
      const line = lineOf(parsePath(mistake.path));
      return line === undefined ? mistake : { ...mistake, path: `${mistake.path} (line ${line})` };
    },
  };
}
