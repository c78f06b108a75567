// Suites without code: YAML in, a plain object out, with the line of each path for messages. Used by suite.ts.

import { readFile } from 'node:fs/promises';
import { isMap, isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import { type Mistake, SuiteError } from '../model/errors.ts';

export interface YamlSuite {
  readonly value: unknown;
  /** The same mistake with the line of the nearest thing that stands at its path. */
  withLine(mistake: Mistake): Mistake;
}

/** Takes a printed path apart again: `profiles.smoke.stages[0]` and `thresholds["a{b:c}"]`. */
function partsOf(path: string): (string | number)[] {
  const parts = path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g);
  return [...parts].map(([, index, quoted, name]) => {
    if (index !== undefined) return Number(index);
    return quoted === undefined ? name! : (JSON.parse(quoted) as string);
  });
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

/** Reads a YAML suite. Throws a `SuiteError` with every syntax error, each with its line. */
export async function readYamlSuite(file: string): Promise<YamlSuite> {
  const counter = new LineCounter();
  const document = parseDocument(await readFile(file, 'utf8'), { lineCounter: counter, prettyErrors: true });
  if (document.errors.length > 0) {
    const mistakes = document.errors.map((error) => ({
      path: `line ${error.linePos?.[0].line ?? 1}`,
      expected: 'sound YAML',
      found: error.message.split('\n')[0]!,
    }));
    throw new SuiteError(file, mistakes);
  }
  const lineOf = makeLineFinder(document, counter);
  return {
    value: document.toJS(),
    withLine(mistake) {
      const line = lineOf(partsOf(mistake.path));
      return line === undefined ? mistake : { ...mistake, path: `${mistake.path} (line ${line})` };
    },
  };
}
