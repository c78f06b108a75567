// Reads the runs that a command is given as one side: a run's folder, its run.json, `latest`, a folder that holds runs, or
// several of these with commas between them. Called by compare.ts, baseline.ts and history.ts.

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { findRecord } from './find-record.ts';

/** results / suite / run. */
const deepest = 3;
/** Each record may have megabytes, and all of a side are in memory together. */
const mostRecords = 200;

/**
 * The records of one side, ascending by time, each run once; with `profile` only those of that profile. Throws a
 * `UsageError` when there is none, when one cannot be read, and beyond 200 runs.
 */
export async function readSide(text: string, profile?: string): Promise<RunRecord[]> {
  const paths: string[] = [];
  for (const part of (await isThere(text)) ? [text] : text.split(','))
    paths.push(...(await recordPaths(part.trim())));
  if (paths.length > mostRecords) {
    throw new UsageError(`${text} holds ${paths.length} runs, at most ${mostRecords} can be read together`, {
      hint: 'name a folder with fewer runs, or single runs with commas between them',
    });
  }
  const byId = new Map<string, RunRecord>();
  for (const path of paths) {
    const record = await readRunRecord(path);
    byId.set(record.id, record);
  }
  const records = [...byId.values()].filter((record) => profile === undefined || record.profile === profile);
  if (records.length === 0) {
    const profiles = [...new Set([...byId.values()].map((record) => record.profile))];
    const there = profiles.length === 0 ? '' : `, only of ${profiles.join(', ')}`;
    throw new UsageError(
      profile === undefined
        ? `there is no run in ${text}`
        : `there is no run of the profile ${profile} in ${text}${there}`,
      { hint: 'name a run folder such as results/<suite>/latest, or a folder that holds run folders' },
    );
  }
  return records.sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Throws a `UsageError` where a side has runs of several suites or profiles. */
export function assertOneProfile(name: string, records: readonly RunRecord[]): void {
  const kinds = [...new Set(records.map(({ suite, profile }) => `${suite} / ${profile}`))];
  if (kinds.length < 2) return;
  throw new UsageError(`${name} holds runs of several profiles: ${kinds.join(', ')}`, {
    hint: 'choose one with --profile NAME, or name a folder with runs of one suite',
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () =>
      stat(`${path}.txt`).then(
        () => true,
        () => false,
      ),
  );
}

async function recordPaths(path: string): Promise<string[]> {
  const isFolder = await stat(path).then(
    (place) => place.isDirectory(),
    () => false,
  );
  if (!isFolder) return [await findRecord(path)];
  const found = await recordsBelow(path, deepest);
  // readRunRecord says what is missing, with a hint.
  return found.length === 0 ? [await findRecord(path)] : found;
}

/** A folder with a run.json is a run, and nothing below it is another; links such as `latest` are not followed. */
export async function recordsBelow(folder: string, depth: number): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (thrown) {
    throw new UsageError(`cannot read ${folder}: ${messageOf(thrown)}`, { cause: thrown });
  }
  if (entries.some((entry) => entry.isFile() && entry.name === 'run.json')) return [join(folder, 'run.json')];
  if (depth === 0) return [];
  const paths: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) paths.push(...(await recordsBelow(join(folder, entry.name), depth - 1)));
  }
  return paths;
}
