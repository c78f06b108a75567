// Runs that start the target of their suite: it gets its address and variables to the suite, and is gone afterwards,
// however the run ended.

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

const suite = fileURLToPath(new URL('fixtures/with-target.suite.ts', import.meta.url));
const env = { DATABASE_URL: undefined, REDIS_URL: undefined };

interface Process {
  readonly pid: number;
  readonly ppid: number;
  readonly args: string;
}

function processes(): Process[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='])
    .toString()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , stat = 'Z']) => !stat.startsWith('Z'))
    .map(([pid, ppid, , ...args]) => ({ pid: Number(pid), ppid: Number(ppid), args: args.join(' ') }));
}

/** The target's process and its database server's, which a coordinator has started. */
function targetOf(pid: number): number[] {
  const all = processes();
  const target = all.find(({ ppid, args }) => ppid === pid && args.includes('target-process'));
  const database = all.find(({ ppid, args }) => ppid === target?.pid && args.includes('postgres'));
  return [target!.pid, database!.pid];
}

async function untilGone(pids: readonly number[]): Promise<void> {
  while (processes().some(({ pid }) => pids.includes(pid))) await sleep(50);
}

test('the suite has the address and the variables of its target', async () => {
  const out = temporaryFolder();
  try {
    const { code, stderr } = await runCli(['run', suite, '-p', 'short', '--with-target', '--out', out.path], {
      env,
    });
    expect(stderr).toMatch(/--with-target: starting the target jorge\n[\s\S]*jorge is ready at http/);
    expect(code).toBe(0);
    const record = readRecord(out.path, 'with-target');
    const url = /is ready at (\S+)/.exec(stderr)![1]!;
    expect(record.target.baseUrl).toBe(url);
    expect(record.checks).toMatchObject([{ name: 'is 200', passes: 20, fails: 0 }]);
    expect(record.monitors.database).toBeDefined();
    await expect(fetch(url)).rejects.toThrow();

    const lacking = await runCli(['run', suite, '-p', 'short', '--out', out.path], { env });
    expect(lacking.code).toBe(2);
    expect(lacking.stderr).toContain('the environment variable DATABASE_URL to be set');
    const elsewhere = await runCli(
      ['run', suite, '-p', 'short', '--with-target', '--base-url', 'http://127.0.0.1:2'],
      {
        env,
      },
    );
    expect(elsewhere.code).toBe(2);
    expect(elsewhere.stderr).toContain('--base-url says that the system is at http://127.0.0.1:2');
  } finally {
    out.dispose();
  }
});

test.for(['SIGINT', 'SIGKILL'] as const)('after %s nothing of the target is left', async (signal) => {
  const out = temporaryFolder();
  try {
    const run = startCli(['run', suite, '-p', 'long', '--with-target', '--out', out.path], { env });
    await run.saw(/req\/s/);
    const pids = targetOf(run.child.pid!);
    // A target that was paused does not hear that its run is gone.
    if (signal === 'SIGKILL') process.kill(pids[0]!, 'SIGSTOP');
    run.child.kill(signal);
    const { code } = await run.done;
    expect(code).toBe(signal === 'SIGINT' ? 130 : null);
    await untilGone(pids);
  } finally {
    out.dispose();
  }
});
