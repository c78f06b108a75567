// What went wrong with a statement or a connection: the server's SQLSTATE or a code of ours, with its class. Source of
// the codes: PostgreSQL 18, appendix A.

import type { SqlErrorClass, SqlFailure } from './sql.ts';

const classes: Readonly<Record<string, SqlErrorClass>> = {
  '40P01': 'deadlock',
  '40001': 'serialization',
  '57014': 'cancelled',
  '53300': 'too_many_connections',
  '42501': 'permission',
  // A lock, an idle transaction or a whole transaction that took too long.
  '55P03': 'timeout',
  '25P03': 'timeout',
  '25P04': 'timeout',
  // Shut down, crashed, starting up; dropped; idle for too long.
  '57P01': 'connection',
  '57P02': 'connection',
  '57P03': 'connection',
  '57P04': 'connection',
  '57P05': 'connection',
  timeout: 'timeout',
  connect_timeout: 'timeout',
  sql_pool_timeout: 'sql_pool_timeout',
  iteration_timeout: 'timeout',
  copy_misused: 'syntax',
  result_too_large: 'other',
};

const byPrefix: Readonly<Record<string, SqlErrorClass>> = {
  '08': 'connection',
  '23': 'constraint',
  '28': 'permission',
  '42': 'syntax',
};

/** Whether the server itself gave the code. */
export function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
}

function classOf(code: string): SqlErrorClass {
  if (Object.hasOwn(classes, code)) return classes[code]!;
  // What is no SQLSTATE comes from the system, from TLS, or from bytes that are no protocol.
  return isSqlState(code) ? (byPrefix[code.slice(0, 2)] ?? 'other') : 'connection';
}

/** PgBouncer says most of its own troubles by one code. Source: its words, PgBouncer 1.18. */
const ofPoolers: readonly { readonly words: RegExp; readonly class: SqlErrorClass }[] = [
  { words: /no more connections allowed|max_client_conn/, class: 'too_many_connections' },
  { words: /query_wait_timeout|query_timeout|idle_transaction_timeout/, class: 'timeout' },
];

export function failureOf(code: string, message: string): SqlFailure {
  const ofPooler = code === '08P01' ? ofPoolers.find(({ words }) => words.test(message)) : undefined;
  return { code, class: ofPooler?.class ?? classOf(code), message };
}

/** What a server says in an ErrorResponse. */
export interface ServerError {
  readonly failure: SqlFailure;
  /** The session is over. */
  readonly fatal: boolean;
}

/** What a plan is refused for whose table has changed since; servers say it in their own language. */
export const stalePlanMessage = 'cached plan must not change result type';

/** Reads an ErrorResponse: fields of one letter and a text, up to a zero byte. */
export function readServerError(bytes: Buffer, from: number, to: number): ServerError {
  const fields: Record<string, string> = {};
  for (let at = from; at < to && bytes[at] !== 0; ) {
    const end = bytes.indexOf(0, at + 1);
    if (end < 0 || end >= to) break;
    fields[String.fromCharCode(bytes[at]!)] = bytes.toString('utf8', at + 1, end);
    at = end + 1;
  }
  const { C: code = 'XX000', D: detail } = fields;
  // The routine has one name in all languages. Source: PostgreSQL, plancache.c; JDBC's driver goes by it, too.
  const isStalePlan = code === '0A000' && fields.R === 'RevalidateCachedQuery';
  const message = isStalePlan ? stalePlanMessage : (fields.M ?? 'an error without a message');
  const severity = fields.V ?? fields.S;
  return {
    failure: failureOf(code, detail === undefined ? message : `${message} (${detail})`),
    fatal: severity === 'FATAL' || severity === 'PANIC',
  };
}

/** Worth another attempt: the database gave the work up for the sake of other work. */
export function isRetryable({ code }: SqlFailure): boolean {
  return code === '40001' || code === '40P01';
}
