// What went wrong with a WebSocket, as a stable code with a sentence.

import type { HttpError } from '../../model/context.ts';

const codes: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/^WS_ERR_UNSUPPORTED_(MESSAGE|DATA_PAYLOAD)_LENGTH$/, 'ws_message_too_large'],
  [/^WS_ERR_INVALID_UTF8$/, 'ws_invalid_utf8'],
  [/^WS_ERR_/, 'ws_protocol_error'],
  // Node's own parser of the answer to the upgrade.
  [/^HPE_/, 'protocol_error'],
];

/** The class of an error that the library raised while it did `what`. */
export function failureOf(error: NodeJS.ErrnoException, what: string): HttpError {
  const own = error.code ?? '';
  const known = codes.find(([pattern]) => pattern.test(own))?.[1];
  const message = error.message || own;
  // What has no code of the system is something that the peer should not have said.
  return { code: known ?? (own === '' ? 'ws_protocol_error' : own), message: `${what}: ${message}` };
}

/**
 * The failure that a close frame from the server tells of, `null` for none: going away and codes that an
 * application has given its own meaning (3000 to 4999) are no failures (RFC 6455 section 7.4).
 */
export function failureOfClose(code: number, reason: string): HttpError | null {
  if (code === 1000 || code === 1001 || code === 1005 || code >= 3000) return null;
  if (code === 1006) {
    return { code: 'ws_close_1006', message: 'the connection was closed without a close frame' };
  }
  const said = reason === '' ? '' : `: ${reason}`;
  return { code: `ws_close_${code}`, message: `the server closed the session with code ${code}${said}` };
}
