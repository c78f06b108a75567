// Reads and writes the baseline file of a suite, and says clearly what is wrong with one that cannot be used. Called by
// cli/baseline.ts and cli/yardsticks.ts.

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { maskData } from '../masking/mask.ts';
import { type BaselineFile, baselineSchemaVersion, type StatedBaseline } from '../model/baseline.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import { type ForeignJson, parseForeignJson } from './foreign-json.ts';
import { writeArtifact } from './run-directory.ts';
import { readStatedBaseline, withoutComments } from './stated-baseline.ts';

const shownMistakes = 8;
const maxBytes = 32 * 2 ** 20;

/** `shop.baseline.json` beside `shop.suite.ts`, `suite.baseline.json` beside `suite.yaml`. */
export function baselinePathOf(suiteFile: string): string {
  const stem = basename(suiteFile, extname(suiteFile)).replace(/\.suite$/, '');
  return join(dirname(suiteFile), `${stem}.baseline.json`);
}

/** One of our own files, or one that another tool or somebody made. */
export type AnyBaseline =
  | { readonly kind: 'own'; readonly file: BaselineFile }
  | { readonly kind: 'stated'; readonly stated: StatedBaseline };

/** `undefined` where there is no such file. Throws a `UsageError` for one that cannot be used, with its first mistakes. */
export async function readAnyBaseline(path: string): Promise<AnyBaseline | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const json = parse(path, text);
  const { value } = json;
  const isOwn = typeof value === 'object' && value !== null && 'schemaVersion' in value;
  // Both kinds may have been written by anybody, and their texts are going to be printed.
  if (!isOwn) return { kind: 'stated', stated: maskData(readStatedBaseline(path, value)) };
  return { kind: 'own', file: await checkFile(path, json) };
}

/** The same of our own files alone. */
export async function readBaselineFile(path: string): Promise<BaselineFile | undefined> {
  const read = await readAnyBaseline(path);
  if (read === undefined || read.kind === 'own') return read?.file;
  throw new UsageError(`${path} is a baseline file of another tool, which can be checked and not updated`, {
    hint: 'write accepted figures to another file with --file',
  });
}

async function checkFile(path: string, { value, shown }: ForeignJson): Promise<BaselineFile> {
  // Loaded only here, as for run records.
  const { baselineFileSchema } = await import('./baseline-schema.ts');
  const result = baselineFileSchema.safeParse(shown);
  if (result.success) return maskData(value as BaselineFile);
  const lines = result.error.issues.map(
    (issue) =>
      `  ${issue.path.length === 0 ? '(top level)' : issue.path.map(String).join('.')}: ${issue.message}`,
  );
  const more = lines.length > shownMistakes ? [`  ... and ${lines.length - shownMistakes} more`] : [];
  throw new UsageError(
    `${path} is not a valid baseline file:\n${[...lines.slice(0, shownMistakes), ...more].join('\n')}`,
    {
      hint: `gates may be changed by hand, the rest is written by \`plimsoll baseline update\` (schema version ${baselineSchemaVersion})`,
    },
  );
}

/** Written whole or not at all. Throws a `UsageError` where that is not possible. */
export async function writeBaselineFile(path: string, file: BaselineFile): Promise<void> {
  // The file is going to be committed, and a reason may hold what nobody should read there.
  await writeArtifact(dirname(path), basename(path), `${JSON.stringify(maskData(file), undefined, 1)}\n`);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new Error(`it has more than ${maxBytes / 2 ** 20} MB`);
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UsageError(`cannot read ${path}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

function parse(path: string, text: string): ForeignJson {
  try {
    return parseForeignJson(text);
  } catch (thrown) {
    const bare = withoutComments(text);
    if (bare !== text) return parse(path, bare);
    throw new UsageError(`${path} is not JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}
