import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRunLog } from './run-log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'plimsoll-log-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const linesOf = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);

test('each line is a JSON object with time, level, message and fields, secrets masked', () => {
  const path = join(dir, 'run.log');
  const log = createRunLog(path);
  log.write('info', 'started', { vus: 10 });
  log.write('warn', 'login with password=x failed', { headers: { authorization: 'Bearer abcdefghi' } });
  log.close();
  const [first, second] = linesOf(path);
  expect(first).toMatchObject({ level: 'info', message: 'started', vus: 10 });
  expect(first?.time).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(second).toMatchObject({
    message: 'login with password=*** failed',
    headers: { authorization: '***' },
  });
});

test('appends to what is there', () => {
  const path = join(dir, 'run.log');
  for (const message of ['one', 'two']) {
    const log = createRunLog(path);
    log.write('info', message);
    log.close();
  }
  expect(linesOf(path).map((entry) => entry.message)).toEqual(['one', 'two']);
});

test('fields that are no JSON cost the fields, not the line', () => {
  const path = join(dir, 'run.log');
  const log = createRunLog(path);
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  log.write('error', 'odd', cycle);
  log.write('error', 'big', { size: 10n, cause: new Error('why') });
  log.close();
  expect(linesOf(path)).toMatchObject([
    { message: 'odd' },
    { message: 'big', size: '10', cause: { message: 'why' } },
  ]);
});

test('a log that cannot be opened, or is closed, never throws', () => {
  const nowhere = createRunLog(join(dir, 'none', 'run.log'));
  nowhere.write('info', 'lost');
  nowhere.close();
  const log = createRunLog(join(dir, 'run.log'));
  log.close();
  log.write('info', 'late');
  log.close();
  expect(readFileSync(join(dir, 'run.log'), 'utf8')).toBe('');
});

test('a full disk costs lines, and the log says why', () => {
  const path = join(dir, 'run.log');
  symlinkSync('/dev/full', path);
  const log = createRunLog(path);
  expect(log.trouble).toBeUndefined();
  log.write('info', 'lost');
  expect(log.trouble).toMatch(/ENOSPC/);
  log.close();
});
