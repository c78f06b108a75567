import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guardWorker } from './worker-guard.ts';

const startBusy = () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });

/** A coordinator that guards `pid` until it is killed; it says when it does. */
function startOwner(pid: number) {
  const guard = fileURLToPath(new URL('./worker-guard.ts', import.meta.url));
  const program = `const { guardWorker } = await import(${JSON.stringify(guard)});
guardWorker(${pid}); setInterval(() => {}, 1000); console.log('guarding');`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('a process that is stuck ends when its owner is killed, and not before', async () => {
  const busy = startBusy();
  const ended = once(busy, 'exit');
  try {
    const owner = startOwner(busy.pid!);
    await once(owner.stdout, 'data');
    expect(busy.exitCode ?? busy.signalCode).toBeNull();
    owner.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
  } finally {
    busy.kill('SIGKILL');
  }
});

test('a released guard leaves the process alone', async () => {
  const busy = startBusy();
  const ended = once(busy, 'exit');
  try {
    guardWorker(busy.pid!).release();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(busy.signalCode).toBeNull();
  } finally {
    busy.kill('SIGTERM');
  }
  expect(await ended).toEqual([null, 'SIGTERM']);
});
