// Starts a shipped target in a process of its own, so that its work takes no time from the load, and ends it whatever
// happens. Called by cli/suite-target.ts.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PlimsollError, TargetError } from '../model/errors.ts';
import { moduleUrl } from '../model/package-files.ts';
import { type EndSteps, endProcess, identify } from '../system/end-process.ts';
import { createGuardian } from '../system/guardian.ts';
import type { FromTarget, ReadyTarget, ToTarget } from './target-messages.ts';
import { registerTarget } from './target-registry.ts';

export interface StartedTarget extends ReadyTarget {
  readonly pid: number;
  /** Ends the target with all its parts. Calling it again changes nothing. */
  stop(): Promise<void>;
}

const stopGraceMs = 15_000;
/** For a target that does not hear that whoever started it is gone: one that was paused, or is stuck. */
const endSteps: EndSteps = [
  { signal: 'SIGCONT', waitMs: 100 },
  { signal: 'SIGTERM', waitMs: stopGraceMs },
  { signal: 'SIGKILL', waitMs: 2000 },
];

/**
 * Starts the target `name` on free ports and resolves once it answers. Throws what the target throws when it cannot start
 * (a `UsageError` for a name or knob that does not fit, a `TargetError` without a database) and a `TargetError` when its
 * process ends early or `interrupted` comes first; nothing is left running then.
 */
export async function startTargetProcess(
  name: string,
  options: {
    readonly env: NodeJS.ProcessEnv;
    readonly interrupted: AbortSignal;
    readonly onLog: (line: string) => void;
  },
): Promise<StartedTarget> {
  const { env, interrupted, onLog } = options;
  const guardian = await createGuardian();
  const entry = fileURLToPath(moduleUrl('src/target-kit/target-process'));
  const child = fork(entry, [], {
    env,
    execArgv: [...process.execArgv, ...(entry.endsWith('.ts') ? ['--import', 'tsx'] : [])],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C in the terminal is for the run, which may have work to finish and then stops the target in its turn.
    detached: true,
  });
  if (child.pid !== undefined) guardian.watch(child.pid, endSteps);
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= stopProcess(child).then(() => guardian.release()));
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream! }).on('line', onLog);
  try {
    const ready = await untilReady(child, name, interrupted, onLog);
    const hasParts = Object.keys(ready.parts).length > 0;
    const unregister = hasParts ? await registerTarget(ready.url, ready.parts) : async () => {};
    child.once('exit', (code, signal) => {
      if (stopping === undefined) onLog(`the target ${name} ended: ${signal ?? `exit code ${code}`}`);
    });
    return {
      ...ready,
      pid: child.pid!,
      async stop() {
        await unregister();
        await stop();
      },
    };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function untilReady(
  child: ChildProcess,
  name: string,
  interrupted: AbortSignal,
  onLog: (line: string) => void,
): Promise<ReadyTarget> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new TargetError('interrupted while the target was starting'));
    interrupted.addEventListener('abort', giveUp, { once: true });
    if (interrupted.aborted) giveUp();
    child.once('error', (error) =>
      reject(new TargetError(`the target ${name} cannot be started: ${error.message}`)),
    );
    child.once('exit', (code, signal) =>
      reject(
        new TargetError(`the target ${name} ended while it was starting: ${signal ?? `exit code ${code}`}`),
      ),
    );
    child.on('message', (message: FromTarget) => {
      switch (message.kind) {
        case 'log':
          onLog(message.line);
          break;
        case 'ready':
          interrupted.removeEventListener('abort', giveUp);
          resolve(message);
          break;
        case 'failed': {
          const { hint } = message;
          reject(
            new PlimsollError(message.exitCode, message.message, { ...(hint !== undefined && { hint }) }),
          );
          break;
        }
      }
    });
    tell(child, { kind: 'start', name });
  });
}

function tell(child: ChildProcess, message: ToTarget): void {
  if (child.connected) child.send(message, () => {});
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const identity = identify(child.pid);
  const ended = once(child, 'exit');
  tell(child, { kind: 'stop' });
  // A paused target hears it when it goes on; the other steps come only when it has had its time.
  await endProcess(identity, [{ signal: 'SIGCONT', waitMs: stopGraceMs }, ...endSteps]);
  await ended;
}
