// What a record or a journal from anywhere may do to us. Used by the commands that work on finished runs.

import { messageOf, PlimsollError, UsageError } from '../model/errors.ts';

/**
 * Does what needs `what`, a record or a journal whose form is right. Its parts may still contradict each other in more
 * ways than can be named; whatever goes wrong over that is a `UsageError`.
 */
export async function asForeign<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof PlimsollError) throw thrown;
    throw new UsageError(`${what} cannot be used: its parts do not fit together (${messageOf(thrown)})`, {
      hint: 'it must be as `plimsoll run` wrote it; if it is, please report this as a fault of Plimsoll',
      cause: thrown,
    });
  }
}
