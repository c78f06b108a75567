// Opens the test data of a suite when the suite is loaded: reads every file once, and tells all that is wrong with it before
// there is any load. Called by suite.ts.

import { readdirSync } from 'node:fs';
import path from 'node:path';
import { generatedRows } from '../feeders/generated-rows.ts';
import { FileFaults, type ScannedFile, scanFile } from '../feeders/scan-file.ts';
import { learnRow } from '../masking/learn-row.ts';
import { type Mistake, messageOf } from '../model/errors.ts';
import type { DataFile, FeederDefinition, FeederPlan, Row } from '../model/feeder.ts';
import { nearestName } from '../text/nearest-name.ts';
import { printPath } from './mistake.ts';
import { formatOfFile } from './rules-data.ts';

export interface LoadedData {
  /** In the order of the suite. */
  readonly plans: readonly FeederPlan[];
  /** Of those that are files. */
  readonly files: readonly DataFile[];
}

const defaultDelimiter = ',';

/** `folder` is that of the suite file, which paths start from. The definitions have the right shape. */
export async function loadData(
  definitions: Readonly<Record<string, FeederDefinition>>,
  folder: string,
): Promise<LoadedData & { readonly mistakes: readonly Mistake[] }> {
  const plans: FeederPlan[] = [];
  const files: DataFile[] = [];
  const mistakes: Mistake[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    try {
      const { plan, file } = await openFeeder(name, definition, folder);
      plans.push(plan);
      if (file !== undefined) files.push(file);
    } catch (thrown) {
      mistakes.push(...mistakesOf(name, definition, folder, thrown));
    }
  }
  return { plans, files, mistakes };
}

async function openFeeder(
  name: string,
  definition: FeederDefinition,
  folder: string,
): Promise<{ readonly plan: FeederPlan; readonly file?: DataFile }> {
  const { file, rows, count, policy = 'circular', per = 'iteration', secrets = [] } = definition;
  const atEnd = definition.atEnd ?? (policy === 'unique' ? 'stop-user' : 'wrap');
  const common = { name, policy, per, atEnd, masked: secrets };
  if (file !== undefined) {
    const { sha256, ...scanned } = await scan(name, definition, file, folder);
    const { format: source, columns } = scanned;
    return { plan: { ...common, source, file, sha256, rows: scanned.rows, columns }, file: scanned };
  }
  if (rows !== undefined) {
    for (const row of rows) learnRow(row, secrets);
    return { plan: { ...common, source: 'rows', rows: rows.length, columns: namesOf(rows) } };
  }
  // The first row shows the columns, and what a function throws.
  const first = generatedRows(name, definition, 0).read(0);
  return { plan: { ...common, source: 'generated', rows: count ?? null, columns: namesOf([first]) } };
}

async function scan(
  feeder: string,
  { format, delimiter = defaultDelimiter, columns }: FeederDefinition,
  file: string,
  folder: string,
): Promise<ScannedFile> {
  return await scanFile({
    feeder,
    path: path.resolve(folder, file),
    format: format ?? formatOfFile(file)!,
    delimiter: delimiter.charCodeAt(0),
    columns,
  });
}

function namesOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function mistakesOf(
  name: string,
  { file, generate }: FeederDefinition,
  folder: string,
  thrown: unknown,
): Mistake[] {
  if (file === undefined) {
    const key = generate === undefined ? 'rows' : 'generate';
    return [{ path: printPath(['data', name, key]), expected: 'rows', found: messageOf(thrown) }];
  }
  const at = printPath(['data', name, 'file']);
  if (thrown instanceof FileFaults) {
    return thrown.faults.map(({ line, message }) => ({
      path: at,
      expected: 'rows that can be read',
      found: `${file}, line ${line}: ${message}`,
    }));
  }
  return [unreadable(at, file, folder, thrown)];
}

function unreadable(at: string, file: string, folder: string, thrown: unknown): Mistake {
  const { code } = thrown as { readonly code?: string };
  const whole = path.resolve(folder, file);
  if (code === 'ENOENT') {
    const nearest = nearestName(path.basename(file), filesIn(path.dirname(whole)));
    return {
      path: at,
      expected: `a file; there is none at ${whole}`,
      found: file,
      ...(nearest !== undefined && { suggestion: path.join(path.dirname(file), nearest) }),
    };
  }
  const reason = code === 'EISDIR' ? 'it is a folder' : messageOf(thrown);
  return { path: at, expected: 'a file that can be read', found: `${file}: ${reason}` };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
