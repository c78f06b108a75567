// Failures, grouped: the same thing going wrong a thousand times is one line with a count.

import type { Tags } from './metric.ts';

/** One kind of failure, as counted by one worker (in a delta) or by the whole run (in the record). */
export interface ErrorGroup {
  /**
   * Stable class: `http_404`, `ECONNREFUSED`, `timeout`, `protocol_error`, `aborted`, `exception`, ...
   * Requests cut off at the end of a run are `aborted`.
   */
  readonly code: string;
  /** Text of the first occurrence, secrets masked, at most 300 characters. */
  readonly message: string;
  /** `request` when a request failed, `iteration` when user code threw or timed out, `check` never. */
  readonly source: 'request' | 'iteration';
  /** scenario, user, task, and for requests also method and name. */
  readonly tags: Tags;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}
