// Where a run leaves its artifacts: results/<suite>/<profile>-<time>-<id>/ and results/<suite>/latest.
// Called by run/session.ts, run/write-reports.ts and by the commands that write reports again.

import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import { makeFolder } from '../system/make-folder.ts';

export interface RunDirectoryRequest {
  /** Root of all results; made when missing. */
  readonly outDir: string;
  readonly suite: string;
  readonly profile: string;
  readonly startedAt: Date;
  /** The run's id; its first eight letters and digits go into the folder's name. */
  readonly id: string;
}

/**
 * Makes the folder of one run and points `latest` at it; returns the folder's path. Where links are not
 * possible, `latest.txt` holds the folder's name. Throws a `UsageError` when the place cannot be written.
 */
export async function createRunDirectory(request: RunDirectoryRequest): Promise<string> {
  const suiteDir = join(request.outDir, fileSafe(request.suite));
  const name = `${fileSafe(request.profile)}-${utcStamp(request.startedAt)}-${shortId(request.id)}`;
  try {
    await makeFolder(suiteDir);
    const runDir = await makeFresh(join(suiteDir, name));
    await pointLatest(suiteDir, runDir.slice(suiteDir.length + 1));
    return runDir;
  } catch (thrown) {
    throw new UsageError(`cannot write to ${suiteDir}: ${messageOf(thrown)}`, {
      hint: 'choose another folder with --out',
      cause: thrown,
    });
  }
}

/** The folder for what several runs of a suite are made for, such as `explain-peak`; nothing is made. */
export function severalRunsFolder(outDir: string, suite: string, name: string, startedAt: Date): string {
  return join(outDir, fileSafe(suite), `${fileSafe(name)}-${utcStamp(startedAt)}`);
}

/** The link to the last run of a suite in a folder of results. */
export function latestOf(outDir: string, suite: string): string {
  return join(outDir, fileSafe(suite), 'latest');
}

/** Two runs with one id in one second get two folders. */
async function makeFresh(path: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const candidate = attempt === 1 ? path : `${path}-${attempt}`;
    try {
      await mkdir(candidate);
      return candidate;
    } catch (thrown) {
      if (!isCode(thrown, 'EEXIST')) throw thrown;
    }
  }
}

async function pointLatest(suiteDir: string, name: string): Promise<void> {
  const temporary = join(suiteDir, `.latest-${randomBytes(6).toString('hex')}`);
  try {
    await symlink(name, temporary, 'dir');
    // A rename replaces an older link in one step, so a reader never finds none.
    await rename(temporary, join(suiteDir, 'latest'));
    await rm(join(suiteDir, 'latest.txt'), { force: true });
  } catch {
    await rm(temporary, { force: true });
    await writeArtifact(suiteDir, 'latest.txt', `${name}\n`);
  }
}

/**
 * Writes one artifact by way of a temporary file: readers see the old content or the new, never half of it. Returns the path. Throws a `UsageError` when it cannot be written.
 */
export async function writeArtifact(dir: string, fileName: string, content: string): Promise<string> {
  const path = join(dir, fileName);
  const temporary = join(dir, `.${fileName}-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
    return path;
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new UsageError(`cannot write ${path}: ${messageOf(thrown)}`, {
      hint: 'check that the folder exists, may be written and has space left',
      cause: thrown,
    });
  }
}

/** `20260314-090507` */
export function utcStamp(time: Date): string {
  return time.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
}

function shortId(id: string): string {
  const letters = id.replace(/[^A-Za-z0-9]/g, '').slice(0, 8);
  return letters === '' ? 'run' : letters;
}

/** One path segment that every file system takes; never empty, never `.` or `..`. */
function fileSafe(name: string): string {
  const safe = name
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 80);
  return safe === '' ? 'unnamed' : safe;
}

function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === code;
}
