// Ends a connection whose server answers what was not asked. Used by connection.ts, and by those who watch a Redis. The
// library goes on with such a connection, on which every later answer may be that to another command, and it crashes the
// process when what was not asked is answered with nothing (`$-1`).

import type { Command, Redis } from 'ioredis';

interface Sent {
  readonly command: Command;
}

/** The library's own parts, which have no types: the commands that wait for their answer. */
interface Internals {
  commandQueue: { shift(): Sent | undefined };
  resetCommandQueue?(): void;
  flushQueue?(...given: unknown[]): void;
}

/** Before it connects. `makeCommand` gives one that nobody waits for; `onUnasked` has to end the connection. */
export function watchUnasked(redis: Redis, makeCommand: () => Command, onUnasked: () => void): void {
  const internals = redis as unknown as Internals;
  const { resetCommandQueue, flushQueue } = internals;
  // The test "a Redis server that answers with nonsense" shows when a new version has others.
  if (resetCommandQueue === undefined || flushQueue === undefined) return;
  let isFlushing = false;
  internals.flushQueue = (...given) => {
    isFlushing = true;
    flushQueue.apply(redis, given);
    isFlushing = false;
  };
  internals.resetCommandQueue = () => {
    resetCommandQueue.call(redis);
    const queue = internals.commandQueue;
    const shift = queue.shift.bind(queue);
    queue.shift = () => {
      const sent = shift();
      if (sent !== undefined || isFlushing) return sent;
      onUnasked();
      const command = makeCommand();
      command.promise.catch(() => {});
      return { command };
    };
  };
}

export const unaskedMessage = 'the server sent an answer without a request';
