// Entry of the process of a target that a run starts for itself, over the channel to the process that started it.
// start-target.ts has it started, never a person.

import { exitCodes, messageOf, PlimsollError } from '../model/errors.ts';
import { loadTarget } from './shipped-targets.ts';
import type { RunningTarget } from './target.ts';
import type { FromTarget, ToTarget } from './target-messages.ts';

let target: Promise<RunningTarget> | undefined;
let stopping = false;

function send(message: FromTarget): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send!(message, () => resolve());
  });
}

async function start(name: string): Promise<void> {
  try {
    const startTarget = await loadTarget(name);
    target = startTarget({ port: 0, onLog: (line) => void send({ kind: 'log', line }) });
    const { url, parts = {}, env = {}, describe } = await target;
    await send({
      kind: 'ready',
      ...{ url, parts, about: describe() },
      env: {
        ...(parts.postgres !== undefined && { DATABASE_URL: parts.postgres }),
        ...(parts.redis !== undefined && { REDIS_URL: parts.redis }),
        ...env,
      },
    });
  } catch (thrown) {
    const known = thrown instanceof PlimsollError ? thrown : undefined;
    await send({
      kind: 'failed',
      message: messageOf(thrown),
      ...(known?.hint !== undefined && { hint: known.hint }),
      exitCode: known?.exitCode ?? exitCodes.internal,
    });
    process.exit(1);
  }
}

/** Ends the target, once it has started, and this process; calling it again changes nothing. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  try {
    await (await target)?.stop();
  } finally {
    process.exit(0);
  }
}

process.on('message', (message: ToTarget) => void (message.kind === 'start' ? start(message.name) : stop()));
// Whoever started this process is gone.
process.on('disconnect', () => void stop());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop());
