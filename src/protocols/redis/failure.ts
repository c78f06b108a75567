// What went wrong with a command or a connection, as a stable code with a sentence.

import { explainTlsError } from '../../network/tls-failures.ts';

export interface RedisFailure {
  /** First word of the server's answer such as `WRONGTYPE`, or a code of ours or the system's. */
  readonly code: string;
  readonly message: string;
}

/** An error of the library: the server's own words, or trouble with the connection. */
export interface LibraryError extends Error {
  readonly code?: string;
}

/** What the server says when it refuses: `WRONGTYPE Operation against a key ...`. */
export function failureOfReply(message: string): RedisFailure {
  // MOVED and ASK go on with a slot and a place, which belong to the message.
  const code = /^[A-Z][A-Z0-9]*/.exec(message)?.[0];
  if (code === undefined) return { code: 'ERR', message };
  const words =
    code === 'MOVED' || code === 'ASK'
      ? `${message}; this is a node of a cluster, whose redirects are not followed`
      : message;
  return { code, message: words };
}

/** Trouble on the way to the server, before or after the connection was there. */
export function failureOfConnection(error: LibraryError): RedisFailure {
  const tls = explainTlsError(error, '', 'redis.tls');
  if (tls !== undefined) return { code: tls.code, message: `${tls.cause}; ${tls.hint} (${error.code})` };
  if (error.code !== undefined) return { code: error.code, message: error.message };
  if (error.name === 'ReplyError') return failureOfReply(error.message);
  return {
    code: 'redis_protocol_error',
    message: `the server does not speak as Redis does: ${error.message}`,
  };
}

export const connectionClosed: RedisFailure = {
  code: 'connection_closed',
  message: 'the server closed the connection before it had answered',
};
