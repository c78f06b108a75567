// `plimsoll target <name>`: starts a reference target, says what runs, and stops it on Ctrl-C.

import { stopOnSignal } from '../system/stop-on-signal.ts';
import { loadTarget } from '../target-kit/shipped-targets.ts';
import type { RunningTarget } from '../target-kit/target.ts';
import { registerTarget } from '../target-kit/target-registry.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startRepeating } from '../time/timer.ts';

export interface TargetCommandOptions {
  /** 8000 when absent, as the suites expect, or a free one for a database; 0 picks a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly databaseUrl?: string;
  /** One line `{"url":...}` on standard output once ready, everything else on standard error. */
  readonly json?: boolean;
}

const defaultPort = 8000;

/**
 * Runs a target until a signal stops it; resolves after a clean stop. A second signal ends the process with
 * 130. Throws a `UsageError` for an unknown name or a taken port, a `TargetError` without a database.
 */
export async function runTarget(name: string, options: TargetCommandOptions): Promise<void> {
  const start = await loadTarget(name);
  const startedAtMs = monotonicMs();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const tell = options.json === true ? say : (line: string) => process.stdout.write(`${line}\n`);

  let onStop: () => void = () => {};
  const stopRequested = new Promise<void>((resolve) => {
    onStop = resolve;
  });
  let stopping = false;
  const release = stopOnSignal(onStop, {
    onSignal: () => {
      stopping = true;
      say('stopping ...');
    },
    onForced: () => say('stopped at once; the parts of the target are cleaned up in the background'),
  });
  // A pipe whose reader is gone is no reason to leave a database behind.
  const ignoreBrokenPipe = () => {};
  process.stdout.on('error', ignoreBrokenPipe);
  process.stderr.on('error', ignoreBrokenPipe);
  let target: RunningTarget | undefined;
  let unregister: (() => Promise<void>) | undefined;
  // A target without sockets of its own, such as a database, does not keep this process from ending.
  const keepAlive = startRepeating(() => {}, 60_000);
  try {
    target = await start({
      port: options.port ?? defaultPort,
      ...(options.port === undefined || options.port === 0 ? {} : { databasePort: options.port }),
      onLog: say,
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.databaseUrl === undefined ? {} : { databaseUrl: options.databaseUrl }),
    });
    if (stopping) return;
    if (target.parts !== undefined) unregister = await registerTarget(target.url, target.parts);
    const seconds = ((monotonicMs() - startedAtMs) / 1000).toFixed(1);
    tell(`${name} is ready at ${target.url} (after ${seconds} s)`);
    for (const line of target.describe()) tell(`  ${line}`);
    tell('press Ctrl-C to stop');
    if (options.json === true) process.stdout.write(`${JSON.stringify({ url: target.url })}\n`);
    await stopRequested;
  } finally {
    await unregister?.();
    await target?.stop();
    cancelTimer(keepAlive);
    release();
    process.stdout.off('error', ignoreBrokenPipe);
    process.stderr.off('error', ignoreBrokenPipe);
  }
}
