// What the trouble of a connection means to those who use it. Called by connection.ts.

import { explainTlsError } from '../../network/tls-failures.ts';
import { failureOf, stalePlanMessage } from './failure.ts';
import type { ConnectionHost } from './host.ts';
import type { Operation } from './operation.ts';
import type { SqlFailure } from './sql.ts';

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

const leaveOut = new Map([
  ['statement_timeout', 'leave it out by sql.serverTimeout: false'],
  [
    'default_transaction_read_only',
    'have the role read only (ALTER ROLE ... SET default_transaction_read_only = on) and leave sql.readOnly out',
  ],
  ['options', "leave `options` out of the database's URL"],
]);

/**
 * What a server says instead of letting us in. Poolers take few settings of a session, since it is not one client's:
 * source of the words: PgBouncer 1.18 and 1.24, `set_startup_options`; Amazon RDS Proxy.
 */
export function explainRefusal(failure: SqlFailure): SqlFailure {
  const { message } = failure;
  const refused =
    /unsupported startup parameter(?: in options)?: "?([\w.]+)/i.exec(message)?.[1] ??
    (/command-line options/i.test(message) ? 'options' : undefined);
  if (refused === undefined) return failure;
  const parameter = message.includes('in options') ? 'options' : refused;
  const ours = leaveOut.get(parameter);
  return {
    ...failure,
    message:
      `${message}: the pooler refuses this setting of a session; list ${refused} in its ignore_startup_parameters` +
      `${ours === undefined ? '' : `, or ${ours}`}`,
  };
}

/** Whatever the server said when it ended the session, to a statement on its way it is a lost connection. */
export function lostBy(failure: SqlFailure): SqlFailure {
  return failure.class === 'other' && failure.code !== 'result_too_large'
    ? { ...failure, class: 'connection' }
    : failure;
}

/** What the server says to a statement, in the words of its user. */
export function explain(operation: Operation, failure: SqlFailure): SqlFailure {
  if (isNameTrouble(operation, failure)) {
    const hint = 'where a pooler shares sessions between clients, set sql.prepare to false';
    return { ...failure, message: `${failure.message}; ${hint}` };
  }
  return explainCancelled(operation, failure);
}

/** The server does not know the name that we gave the statement, or knows it already: the statement was not carried out. */
function isNameTrouble({ isNamed, statement }: Operation, { code, message }: SqlFailure): boolean {
  return isNamed && (code === '26000' || code === '42P05') && message.includes(statement.serverName);
}

/**
 * Our preparing the statement, not the statement, is what the server refused, before it carried anything out: its name,
 * or the plan that it keeps, since a table has changed.
 */
export function isPreparingTrouble(operation: Operation, failure: SqlFailure): boolean {
  const isStalePlan =
    operation.isNamed && failure.code === '0A000' && failure.message.startsWith(stalePlanMessage);
  return isStalePlan || isNameTrouble(operation, failure);
}

/** A statement that was cancelled because it took too long has not been cancelled by somebody. */
function explainCancelled({ timedOut }: Operation, failure: SqlFailure): SqlFailure {
  if (failure.code !== '57014') return failure;
  return timedOut || /statement timeout/.test(failure.message) ? { ...failure, class: 'timeout' } : failure;
}

export function timeoutOf({ timeoutMs }: Operation): SqlFailure {
  return failureOf('timeout', `no complete answer within ${timeoutMs} ms, nor after it was cancelled`);
}
