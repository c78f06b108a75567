// One HTTP request of a fault, on a connection of its own. Used by fault-host-process.ts and own-process.ts.

import http from 'node:http';
import https from 'node:https';
import type { FaultRequest } from '../model/fault.ts';
import type { Dialer } from '../network/dialer.ts';
import { ownConnection } from '../network/node-http.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';

/** Resolves with the status of the answer. Rejects when there is none within the time. */
export function sendRequest(
  dialer: Dialer,
  { method = 'GET', url: address, headers = {}, json }: FaultRequest,
  timeoutMs: number,
): Promise<{ readonly status: number }> {
  const url = new URL(address);
  const giveUp = new AbortController();
  const body = json === undefined ? undefined : JSON.stringify(json);
  return new Promise((resolve, reject) => {
    const limit = startTimer(() => giveUp.abort(), timeoutMs);
    const request = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        ...ownConnection(dialer, url, giveUp.signal),
        method,
        signal: giveUp.signal,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
          connection: 'close',
        },
      },
      (response) => {
        response.resume();
        response.once('error', reject);
        response.once('close', () => {
          cancelTimer(limit);
          resolve({ status: response.statusCode ?? 0 });
        });
      },
    );
    request.once('error', (error) => {
      cancelTimer(limit);
      reject(giveUp.signal.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error);
    });
    request.end(body);
  });
}
