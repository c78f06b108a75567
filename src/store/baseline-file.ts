// Reads and writes the baseline file of a suite, and says clearly what is wrong with one that cannot be used. Called by
// cli/baseline.ts.

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { maskData } from '../masking/mask.ts';
import { type BaselineFile, baselineSchemaVersion } from '../model/baseline.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import { type ForeignJson, parseForeignJson } from './foreign-json.ts';
import { writeArtifact } from './run-directory.ts';

const shownMistakes = 8;
const maxBytes = 32 * 2 ** 20;

/** `shop.baseline.json` beside `shop.suite.ts`, `suite.baseline.json` beside `suite.yaml`. */
export function baselinePathOf(suiteFile: string): string {
  const stem = basename(suiteFile, extname(suiteFile)).replace(/\.suite$/, '');
  return join(dirname(suiteFile), `${stem}.baseline.json`);
}

/** `undefined` where there is no such file. Throws a `UsageError` for one that cannot be used, with its first mistakes. */
export async function readBaselineFile(path: string): Promise<BaselineFile | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const { value, shown } = parse(path, text);
  // Loaded only here, as for run records.
  const { baselineFileSchema } = await import('./baseline-schema.ts');
  const result = baselineFileSchema.safeParse(shown);
  // Somebody may have changed it, and its texts are going to be printed.
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
    throw new UsageError(`${path} is not JSON: ${messageOf(thrown)}`, { cause: thrown });
  }
}
