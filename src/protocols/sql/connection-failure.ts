// What the trouble of a connection means to those who use it. Called by connection.ts.

import type { SqlFailure } from '../../model/sql.ts';
import { explainTlsError } from '../http/tls-settings.ts';
import { failureOf } from './failure.ts';
import type { ConnectionHost } from './host.ts';
import type { Operation } from './operation.ts';

/** The socket is closed, or was never open; `error` says why, when there is a reason. */
export function failureOfSocket(
  error: NodeJS.ErrnoException | null,
  { dialing, settings: { place } }: ConnectionHost,
): SqlFailure {
  if (error === null) return failureOf('connection_closed', `${place}: the server closed the connection`);
  const explained = dialing.tls === null ? undefined : explainTlsError(error, place, 'sql.tls');
  return explained === undefined
    ? failureOf(error.code ?? 'connection_closed', `${place}: ${error.message}`)
    : failureOf(explained.code, explained.message);
}

/** Whatever the server said when it ended the session, to a statement on its way it is a lost connection. */
export function lostBy(failure: SqlFailure): SqlFailure {
  return failure.class === 'other' && failure.code !== 'result_too_large'
    ? { ...failure, class: 'connection' }
    : failure;
}

/** A statement that was cancelled because it took too long has not been cancelled by somebody. */
export function explainCancelled({ timedOut }: Operation, failure: SqlFailure): SqlFailure {
  if (failure.code !== '57014') return failure;
  return timedOut || /statement timeout/.test(failure.message) ? { ...failure, class: 'timeout' } : failure;
}

export function timeoutOf({ timeoutMs }: Operation): SqlFailure {
  return failureOf('timeout', `no complete answer within ${timeoutMs} ms, nor after it was cancelled`);
}
