// How far the clock of this machine is off, as the service says that keeps it. Called by run/examine-machine.ts.

import { execFile } from 'node:child_process';

const patienceMs = 2000;

/** `offsetMs` is known to chrony alone; `undefined` in all: no service that can be asked. */
export async function readClockOffset(): Promise<
  { readonly offsetMs: number; readonly source: string } | { readonly isSynchronized: boolean } | undefined
> {
  // Field 5: seconds by which the system's clock is behind. Source: chronyc(1), `-c tracking`.
  const tracking = await output('chronyc', ['-c', 'tracking']);
  const seconds = Number(tracking?.split(',')[4]);
  if (tracking !== undefined && tracking !== '' && Number.isFinite(seconds))
    return { offsetMs: seconds * 1000, source: 'chrony' };
  const synchronized = await output('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (synchronized === 'yes' || synchronized === 'no') return { isSynchronized: synchronized === 'yes' };
  return undefined;
}

function output(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: patienceMs }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    );
  });
}
