// Reads a run.json back and says clearly what is wrong with one that cannot be used. Called by the commands
// that work on finished runs.

import { readFile, stat } from 'node:fs/promises';
import { maskData } from '../masking/mask.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { runRecordSchemaVersion } from '../model/run-record.ts';
import { type ForeignJson, parseForeignJson } from './foreign-json.ts';
import { withPresentWords } from './older-records.ts';

const shownMistakes = 8;
/** Records of the longest runs with the most series have a tenth of it. */
const maxRecordBytes = 128 * 2 ** 20;

/**
 * Reads and checks one run record. Throws a `UsageError` when the file is missing or unreadable, is not JSON,
 * has another schema version, or does not fit the schema (the first mistakes are listed by path).
 */
export async function readRunRecord(path: string): Promise<RunRecord> {
  return checkRunRecord(path, await readText(path));
}

/** The same of a record that is not in its file yet. */
export async function checkRunRecord(path: string, text: string): Promise<RunRecord> {
  const parsed = parseJson(path, text);
  const [value, shown] = [withPresentWords(parsed.value), withPresentWords(parsed.shown)];
  checkVersion(path, value);
  // Loaded only here: zod costs more time than everything else in this module together.
  const { checkRecord } = await import('./check-record.ts');
  const result = checkRecord(shown);
  // A file may come from anywhere, and its texts are going to be printed.
  if (result.success) return maskData(value as RunRecord);
  const lines = result.error.issues.map((issue) => `  ${pathText(issue.path)}: ${issue.message}`);
  const more = lines.length > shownMistakes ? [`  ... and ${lines.length - shownMistakes} more`] : [];
  const mistakes = lines.length === 1 ? '1 mistake' : `${lines.length} mistakes`;
  throw new UsageError(
    `${path} is not a valid run record, ${mistakes}:\n${[...lines.slice(0, shownMistakes), ...more].join('\n')}`,
    { hint: 'run.json must stay as `plimsoll run` wrote it; its format is in run-record.schema.json' },
  );
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > maxRecordBytes) throw new Error(`it has more than ${maxRecordBytes / 2 ** 20} MB`);
    return await readFile(path, 'utf8');
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      missing ? `there is no run record at ${path}` : `cannot read ${path}: ${messageOf(thrown)}`,
      {
        hint: 'name a run folder such as results/<suite>/latest, or a run.json',
        cause: thrown,
      },
    );
  }
}

function parseJson(path: string, text: string): ForeignJson {
  try {
    return parseForeignJson(text);
  } catch (thrown) {
    throw new UsageError(`${path} is not JSON: ${messageOf(thrown)}`, {
      hint: 'the file may have been cut off; a record is written in one piece when a run ends',
      cause: thrown,
    });
  }
}

function checkVersion(path: string, value: unknown): void {
  const version =
    typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
  if (version === runRecordSchemaVersion) return;
  if (version === undefined) {
    throw new UsageError(`${path} is not a run record: it has no schemaVersion`);
  }
  const newer = typeof version === 'number' && version > runRecordSchemaVersion;
  throw new UsageError(
    `${path} has schema version ${JSON.stringify(version)}, this Plimsoll reads version ${runRecordSchemaVersion}`,
    newer ? { hint: 'it was written by a newer Plimsoll: update this one' } : {},
  );
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(top level)' : path.map(String).join('.');
}
