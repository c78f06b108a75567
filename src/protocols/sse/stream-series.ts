// The recorders of one event stream: which series its samples go to. The HTTP requests behind it have their own.

import type { CounterRecorder, Tags } from '../../model/metric.ts';
import type { Scope } from '../scope.ts';

export class StreamSeries {
  readonly events: CounterRecorder;
  readonly #scope: Scope;
  readonly #open: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#open = scope.with({ status: '200' });
    this.events = this.#open.counter('sse_events');
  }

  /** Where its failures belong. The same object for the same series. */
  get tags(): Tags {
    return this.#scope.tags;
  }

  opened(): void {
    this.#open.counter('sse_sessions').add(1);
  }

  firstEvent(ms: number): void {
    this.#open.trend('sse_time_to_first_event').add(ms);
  }

  /** The end of the run cut off a wait for the first event. */
  cutOff(waitedMs: number): void {
    this.#open.cutOff('sse_time_to_first_event', waitedMs, { bound: 'waited', due: false });
  }

  /** What was asked for was no event stream, or there was no answer. */
  refused(status: number, code: string): void {
    const refused = this.#scope.with({ status: String(status), error_code: code });
    refused.counter('sse_sessions').add(1);
    refused.rate('sse_session_failed').add(true);
  }

  /** An open stream has ended; `code` says why when it broke. */
  ended(durationMs: number, code: string | undefined): void {
    const ended = code === undefined ? this.#open : this.#open.with({ error_code: code });
    ended.trend('sse_session_duration').add(durationMs);
    ended.rate('sse_session_failed').add(code !== undefined);
  }
}
