// What user code threw, in words. JavaScript can throw anything at all, and none of it may break the engine.

import { inspect } from 'node:util';

export interface Thrown {
  /** The error's own name when it has one, such as `TypeError`; else `exception`. */
  readonly code: string;
  readonly message: string;
  /** Where it came from; the message when it carries no stack. */
  readonly stack: string;
}

/** Describes anything thrown; never throws itself. */
export function describeThrown(thrown: unknown): Thrown {
  try {
    if (!(thrown instanceof Error)) {
      const message = typeof thrown === 'string' ? thrown : `thrown: ${inspect(thrown, { depth: 2 })}`;
      return { code: 'exception', message, stack: message };
    }
    const { name, message, stack } = thrown as { name: unknown; message: unknown; stack?: unknown };
    const text = typeof message === 'string' ? message : inspect(message, { depth: 2 });
    return {
      code: typeof name === 'string' && name !== '' && name !== 'Error' ? name : 'exception',
      message: text,
      stack: typeof stack === 'string' ? stack : text,
    };
  } catch {
    const message = 'something that cannot be described was thrown';
    return { code: 'exception', message, stack: message };
  }
}
