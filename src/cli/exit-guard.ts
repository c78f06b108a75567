// Sees to it that a command's exit code is its own. Code of a suite runs in this process while it is loaded, and may leave
// timers behind: it may end the process, or throw where nobody catches. Used by main.ts.

import { writeSync } from 'node:fs';
import { exitCodes, messageOf, PlimsollError, UsageError } from '../model/errors.ts';
import { printError } from './print-error.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Node ends with it when nothing is left to do but an `await` at a module's top level. */
const unsettledAwait = 13;

export interface ExitGuard {
  /** From now on the process may exit: the command has said its exit code. */
  done(): void;
}

/** Guards the process until `done`. */
export function guardExit(): ExitGuard {
  let isDone = false;
  let isTold = false;
  process.once('exit', (given) => {
    // Node adds the code of an unsettled await here, and does not say so in the event.
    const code = Number(process.exitCode ?? given);
    // Whoever interrupts twice, or thrice, means it.
    if (isDone || isTold || code === exitCodes.interrupted) return;
    process.exitCode = exitCodes.usage;
    tell(code);
  });
  const fail = (thrown: unknown): void => {
    isTold = true;
    process.exit(printError(asError(thrown), process.stderr));
  };
  process.on('uncaughtException', fail);
  // Commands that drain have listeners of their own; for all others the way out leads past what is to be removed.
  for (const signal of signals) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(exitCodes.interrupted);
    });
  }
  return {
    done() {
      isDone = true;
    },
  };
}

/** The streams are no use any more: at exit only what is written at once is written. */
function tell(code: number): void {
  const [message, hint] =
    code === unsettledAwait
      ? [
          'the command ended early: the process had no pending work left',
          'an await at the top level of the suite never completes',
        ]
      : [
          `process.exit(${code}) was called before the command was done`,
          'the suite, or a module that it imports, calls process.exit; remove the call',
        ];
  try {
    writeSync(2, `error: ${message}\nhint: ${hint}\n`);
  } catch {
    // Nobody is there to read it.
  }
}

/** What is thrown where no command waits for it comes from the suite, unless it is one of our own. */
function asError(thrown: unknown): unknown {
  if (thrown instanceof PlimsollError) return thrown;
  const stack = thrown instanceof Error ? (thrown.stack ?? '') : '';
  const isOurs = /[\\/]dist[\\/]src[\\/]|[\\/]plimsoll[\\/]src[\\/]/.test(stack.split('\n')[1] ?? '');
  if (isOurs) return thrown;
  return new UsageError(`the suite failed outside of any task: ${messageOf(thrown)}`, {
    hint: 'code that the suite started while it was loaded throws or rejects, and nothing catches the error',
    cause: thrown,
  });
}
