// The library's commands with answers that are exact: integers as the server has them, where the library adds digits up as
// floating point and is wrong from a little below 2^53. Made by connection.ts.

import type { Command } from 'ioredis';
import type { RedisArgument } from './redis.ts';

/** With `stringNumbers` the library hands over integers as text, and texts, of whatever kind, as bytes. */
export const libraryNumbers = { stringNumbers: true } as const;

/** A command of the library whose answer is bytes in place of texts with `buffers`. */
export type CommandMaker = new (name: string, args: readonly RedisArgument[], buffers: boolean) => Command;

/** As the library has them typed; what they are is any answer. */
type Raw = Parameters<Command['transformReply']>[0];
type Shaped = ReturnType<Command['transformReply']>;

export function commandMaker(Base: typeof Command): CommandMaker {
  return class extends Base {
    readonly #buffers: boolean;

    constructor(name: string, args: readonly RedisArgument[], buffers: boolean) {
      super(name, args as (string | Buffer)[], {});
      this.#buffers = buffers;
    }

    /** Called by the library for each answer, and by exchange.ts for each of those that EXEC hands over. */
    override transformReply(reply: Raw): Shaped {
      // The answers in EXEC's are those of other commands, each of which knows its own shape.
      if (this.name === 'exec') return reply as Shaped;
      return super.transformReply(exact(reply, this.#buffers) as Raw);
    }
  };
}

function exact(value: unknown, buffers: boolean): unknown {
  if (Buffer.isBuffer(value)) return buffers ? value : value.toString();
  if (typeof value === 'string') return numberOf(value);
  return Array.isArray(value) ? value.map((one) => exact(one, buffers)) : value;
}

/** A number where it is exact, else a bigint. */
function numberOf(text: string): number | bigint | string {
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : text;
}
