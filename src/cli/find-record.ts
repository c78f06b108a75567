// Finds the record that a command is given: a run's folder, its run.json, or `results/<suite>/latest`.

import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A folder holds its record as run.json; where links are not possible, `latest` is a name in latest.txt. */
export async function findRecord(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'run.json') : path;
  } catch {
    const name = await readFile(`${path}.txt`, 'utf8').catch(() => undefined);
    // readRunRecord says what is missing, with a hint.
    return name === undefined ? path : join(dirname(path), name.trim(), 'run.json');
  }
}
