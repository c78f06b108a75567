// What `plimsoll explain` says of a server whose trouble is known: reports hold a lock that prices wait for.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Explanation } from '../src/model/explanation.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

// One operation in four is a report: even the shortest run has some, or it would say nothing of the lock. A busy machine makes the generator the limit, which the command then rightly says; three times in a row would be another
// matter.
const patient = { retry: 2, timeout: 120_000 };

test('names the task that holds the lock, and keeps the record of every run', patient, async () => {
  const folder = temporaryFolder();
  const server = spawn(process.execPath, [fixture('lock-server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { stdout, stderr } = await runCli([
      'explain',
      fixture('lock.suite.yaml'),
      ...['--base-url', `http://127.0.0.1:${line.toString().trim()}`, '--out', folder.path],
      ...['--workers', '1', '--time', '45s', '--run-length', '600ms', '--seed', '3'],
    ]);
    const made = join(folder.path, 'lock', readdirSync(join(folder.path, 'lock'))[0]!);
    const explanation = JSON.parse(readFileSync(join(made, 'explanation.json'), 'utf8')) as Explanation;
    const [first] = explanation.effects;
    expect(first, stdout + stderr).toMatchObject({
      experiment: 'without task report of buyer',
      status: 'restores',
    });
    expect(explanation.sentences[0]).toMatch(/^All other operations are faster without task report of buyer/);
    expect(stdout.replace(/\s+/g, ' ')).toContain(explanation.sentences[0]);
    expect(readFileSync(join(made, 'explanation.html'), 'utf8')).toContain('without task report of buyer');
    // Every run that is told has its record, and one to warm up comes before them; a second one where that says nothing.
    const records = readdirSync(join(made, 'runs', 'lock')).filter((name) => name.startsWith('peak-'));
    const warmUps = stderr.includes('trying once more') ? 2 : 1;
    expect(records).toHaveLength(explanation.runs.length + warmUps);
    expect(explanation.runs.length).toBeGreaterThanOrEqual(5 * 5);
  } finally {
    server.kill('SIGKILL');
    folder.dispose();
  }
});

test('says how much time is needed when there is too little', async () => {
  const folder = temporaryFolder();
  const server = spawn(process.execPath, [fixture('lock-server.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer];
    const { code, stderr } = await runCli([
      'explain',
      fixture('lock.suite.yaml'),
      ...['--base-url', `http://127.0.0.1:${line.toString().trim()}`, '--out', folder.path],
      ...['--time', '9s', '--run-length', '500ms'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/is too short: a run takes .*, and 5 rounds of at least 3 are needed/);
    expect(stderr).toMatch(/give at least --time \d+/);
  } finally {
    server.kill('SIGKILL');
    folder.dispose();
  }
});
