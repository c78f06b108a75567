// Turns a request that has ended into samples. Called by user-http.ts, once per request.

import { addDuration, cutOffAfter } from '../scheduled-start.ts';
import type { HttpExchange } from './exchange.ts';
import { noEndMs } from './no-end.ts';

/** Records the samples of a request that has ended by itself. */
export function recordEnded(exchange: HttpExchange, ok: boolean): void {
  const { endpoint } = exchange;
  const answered = exchange.outcome === 'answered';
  const { error, status, wire } = exchange;
  const series = !answered
    ? endpoint.errored(error!.code)
    : error === null
      ? endpoint.answered(status, ok, wire)
      : endpoint.stopped(status, error.code, wire);
  series.requests.add(1);
  series.failed.add(!ok);
  addDuration(exchange, series.duration, endpoint);
  if (answered) {
    series.blocked.add(exchange.sendStartAtMs - exchange.startedAtMs);
    series.connecting.add(exchange.connectMs);
    series.tlsHandshaking.add(exchange.tlsMs);
    series.sending.add(exchange.sendingMs);
    series.waiting.add(exchange.waitingMs);
    series.receiving.add(exchange.receivingMs);
  }
  series.sentBytes.add(sentByteCount(exchange));
  series.receivedBytes.add(exchange.receivedByteCount);
}

/** Records that a request goes out once more, and makes it ready for that; it counts once, when it has ended. */
export function recordResent(exchange: HttpExchange, code: string): void {
  exchange.retried = true;
  if (exchange.sent) exchange.lostByteCount += exchange.request.byteCount + exchange.uploadedByteCount;
  // What was never written was not sent twice.
  if (exchange.sent) exchange.endpoint.resent(code).add(1);
  exchange.sent = false;
  exchange.uploadedByteCount = 0;
}

/**
 * Records a request that the end of the run cut off. One that was sent counts, but measures nothing; how long it had
 * waited is noted beside. One whose answer has no end of its own, and has begun, waits for nothing.
 */
export function recordCutOff(exchange: HttpExchange): void {
  const { endpoint, endedAtMs, sent } = exchange;
  if (sent) recordAborted(exchange);
  if (exchange.stream !== null && exchange.request.timeoutMs >= noEndMs) return;
  const ownMs = endedAtMs - (sent ? exchange.sendStartAtMs : exchange.startedAtMs);
  const { waitedMs, mark } = cutOffAfter(exchange, ownMs);
  endpoint.cutOff(waitedMs, mark);
}

function recordAborted(exchange: HttpExchange): void {
  const series = exchange.endpoint.errored('aborted');
  series.requests.add(1);
  series.sentBytes.add(sentByteCount(exchange));
  series.receivedBytes.add(exchange.receivedByteCount);
}

function sentByteCount({ sent, request, uploadedByteCount, lostByteCount }: HttpExchange): number {
  return lostByteCount + (sent ? request.byteCount + uploadedByteCount : 0);
}
