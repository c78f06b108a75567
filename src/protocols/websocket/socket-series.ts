// The recorders of one WebSocket: which series its samples go to.

import type { CounterRecorder, Tags, TrendRecorder } from '../../model/metric.ts';
import type { Scope } from '../scope.ts';

export class SocketSeries {
  readonly sent: CounterRecorder;
  readonly received: CounterRecorder;
  readonly ping: TrendRecorder;
  readonly firstMessage: TrendRecorder;
  readonly sentBytes: CounterRecorder;
  readonly receivedBytes: CounterRecorder;
  /** Scope with the name. */
  readonly #scope: Scope;
  readonly #open: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
    const open = scope.with({ status: '101' });
    this.#open = open;
    this.sent = open.counter('ws_msgs_sent');
    this.received = open.counter('ws_msgs_received');
    this.ping = open.trend('ws_ping');
    this.firstMessage = open.trend('ws_time_to_first_message');
    this.sentBytes = open.counter('data_sent');
    this.receivedBytes = open.counter('data_received');
  }

  /** Where its failures belong. The same object for the same series. */
  get tags(): Tags {
    return this.#scope.tags;
  }

  opened(connectingMs: number): void {
    this.#open.counter('ws_sessions').add(1);
    this.#open.trend('ws_connecting').add(connectingMs);
  }

  /** Connecting failed; `status` is the one of an answer, if any. */
  refused(status: number, code: string): void {
    const refused = this.#scope.with({ status: String(status), error_code: code });
    refused.counter('ws_sessions').add(1);
    refused.rate('ws_session_failed').add(true);
  }

  /** Connecting was cut off at the end of the run: it counts if the server was asked, but measures nothing. */
  aborted(waitedMs: number, sent: boolean): void {
    if (sent) this.#scope.with({ status: '0', error_code: 'aborted' }).counter('ws_sessions').add(1);
    this.#scope.cutOff('ws_connecting', waitedMs, { bound: 'waited', due: false });
  }

  /** The end of the run cut off a wait for an answer, or for the first message. */
  cutOff(metric: 'ws_request_duration' | 'ws_time_to_first_message', waitedMs: number): void {
    this.#open.cutOff(metric, waitedMs, { bound: 'waited', due: false });
  }

  /** An open session has ended; `code` says why when it broke. */
  ended(durationMs: number, code: string | undefined): void {
    const ended = code === undefined ? this.#open : this.#open.with({ error_code: code });
    ended.trend('ws_session_duration').add(durationMs);
    ended.rate('ws_session_failed').add(code !== undefined);
  }

  answered(ms: number): void {
    this.#open.trend('ws_request_duration').add(ms);
    this.#open.rate('ws_request_failed').add(false);
  }

  /** As with HTTP, a request without an answer counts its whole time: a failure must not look faster than it was. */
  unanswered(ms: number, code: string): void {
    const failed = this.#open.with({ error_code: code });
    failed.trend('ws_request_duration').add(ms);
    failed.rate('ws_request_failed').add(true);
  }
}
