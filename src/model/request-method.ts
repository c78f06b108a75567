// Methods of HTTP requests as they go out. Used by suites of data and by the HTTP client.

const methodName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Those of IANA's registry and a few that servers know beside it. */
const knownMethods: ReadonlySet<string> = new Set(
  (
    'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK ' +
    'MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH QUERY REBIND ' +
    'REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL ' +
    'BAN M-SEARCH NOTIFY PURGE REFRESH SUBSCRIBE UNSUBSCRIBE'
  ).split(' '),
);

/**
 * The method as it goes out. Methods are case-sensitive (RFC 9110 section 9.1), but nobody who writes `patch` means
 * another one than `PATCH`: known methods go out in capitals, others as written. Throws a `TypeError` for what is none.
 */
export function normaliseMethod(method: string): string {
  if (knownMethods.has(method)) return method;
  if (typeof method !== 'string' || !methodName.test(method)) {
    throw new TypeError(`${JSON.stringify(method)} is not a request method such as "GET"`);
  }
  const upper = method.toUpperCase();
  if (upper === 'CONNECT') {
    throw new TypeError('CONNECT opens a tunnel and cannot be sent by a user; see http.proxy');
  }
  return knownMethods.has(upper) ? upper : method;
}
