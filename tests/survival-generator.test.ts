// The machine that drives the load runs out of something: the run ends with all it measured, says what to raise, and
// never blames the target.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import { attempt, errorCount, expectWholeRecord, type SurvivalRun, survive } from './survival-run.ts';

const suite = 'survival-network';
const timeout = 60_000;
let server: OddServer;
const folder = temporaryFolder();
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(async () => {
  await server.close();
  folder.dispose();
});

/** The verdict, the finding and the terminal name what ran out; what was sent is what was received. */
function expectBlame(
  result: SurvivalRun,
  code: string,
  reason: RegExp,
  advice: RegExp,
  received: number,
): void {
  const { record } = result;
  expect(result.code, result.stdout).toBe(5);
  expect(record.verdict.status).toBe('inconclusive');
  expect(record.generator.saturated).toBe(true);
  expect(
    record.verdict.reasons.find((one) => reason.test(one)),
    result.stdout,
  ).toContain(code);
  expect(record.findings.find(({ kind }) => kind === 'generator-saturation')?.advice).toMatch(advice);
  expect(result.stdout.replaceAll(/\s+/g, ' ')).toMatch(advice);
  expect(record.generator.workers.map(({ completed }) => completed)).toEqual([true]);
  expect(errorCount(record, code)).toBeGreaterThan(0);
  expect(received).toBe(figureOf(record, 'http_reqs') - errorCount(record, code));
  expectWholeRecord(result);
}

/** Open files that the command line and its workers may have, each. */
const limitedTo = (files: number) =>
  ['bash', '-c', `ulimit -n ${files} && exec "$@"`, 'limited'] as const satisfies readonly string[];

test.concurrent('so few file descriptors that not even the plan can be made', { timeout }, async () => {
  const { code, stderr } = await attempt(suite, 'many', { url: server.url, through: limitedTo(36) });
  expect(code, stderr).toBe(70);
  expect(stderr).toMatch(
    /error: the process has no file descriptors left: .*\nhint: raise the limit with "ulimit -n/,
  );
});

test.concurrent('file descriptors run out', { timeout }, async () => {
  const result = await survive(suite, 'many', {
    url: server.url,
    through: limitedTo(256),
  });
  const received = server.byPath.get('/') ?? 0;
  expectBlame(result, 'EMFILE', /no file descriptor left/, /ulimit -n/, received);
  expect(received).toBeGreaterThan(50);
  // It was to be foreseen, and was said before the load began.
  const warning =
    /400 virtual users per worker .* a process may open 256 files: raise the limit with "ulimit -n \d+"/;
  expect(result.stderr).toMatch(warning);
  expect(result.log[0]).toMatchObject({ level: 'warn', message: expect.stringMatching(warning) });
});

const makeNetwork = 'ip link set lo up && echo "20000 20050" > /proc/sys/net/ipv4/ip_local_port_range';

/** The flag with which `unshare` makes a network of 51 local ports; `undefined` where none can be had. */
const networkFlag = ['-n', '-rn'].find((flag) => {
  try {
    execFileSync('unshare', [flag, 'bash', '-c', makeNetwork], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

const portAdvice = /local ports: widen net\.ipv4\.ip_local_port_range.*http\.localAddresses/;

// Where no network of its own can be had, the next test alone shows what the kernel's refusal leads to.
if (networkFlag !== undefined) {
  test.concurrent('local ports run out', { timeout }, async () => {
    const script = fileURLToPath(new URL('./fixtures/counted-server.mjs', import.meta.url));
    const log = join(folder.path, 'received');
    writeFileSync(log, '');
    const inside = [
      makeNetwork,
      '"$0" "$SCRIPT" 8000 "$LOG" & server=$!',
      'until (exec 3<>/dev/tcp/127.0.0.1/8000) 2>/dev/null; do sleep 0.05; done',
      '"$@"; code=$?; kill $server; exit $code',
    ].join('\n');
    const result = await survive(suite, 'many', {
      url: 'http://127.0.0.1:8000',
      env: { SCRIPT: script, LOG: log },
      through: ['unshare', networkFlag, 'bash', '-c', inside, process.execPath],
    });
    const received = readFileSync(log, 'utf8').length;
    expectBlame(result, 'EADDRNOTAVAIL', /could not get a local address and port/, portAdvice, received);
    expect(received).toBeGreaterThan(40);
    expect(result.stderr).toMatch(/400 virtual users need .* this machine has 51 ports per local address/);
  });
}

test.concurrent('connections are to come from an address that this machine does not have', {
  timeout,
}, async () => {
  const before = server.byPath.get('/nowhere') ?? 0;
  const result = await survive(suite, 'from-nowhere', { url: server.url });
  const received = (server.byPath.get('/nowhere') ?? 0) - before;
  expectBlame(
    result,
    'EADDRNOTAVAIL',
    /could not get a local address and port.*192\.0\.2\.1/,
    portAdvice,
    received,
  );
  expect(figureOf(result.record, 'http_reqs')).toBe(4);
});
