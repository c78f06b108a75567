// The interface that every kind of monitor implements, one file or folder each. monitors.ts makes them by kind,
// sampler.ts asks them for readings; what all of them must do is in monitor.cases.ts.

import type { MonitorTable, Reading } from '../model/monitor.ts';

export interface Monitor {
  /**
   * One look at the source. Rejects when the source cannot be read, with a message that says what was tried and why it
   * failed, without secrets; a later call tries again from the start, connecting anew where needed. Rejects soon after
   * `signal` aborts, and leaves nothing behind that a later call would trip over. Never called twice at once.
   */
  read(signal: AbortSignal): Promise<Reading>;
  /**
   * What somebody would ask the source first when a run has gone badly, as tables of 20 rows at the most, texts and statements
   * without literals. Asked once, when no `read` will follow; rejects as `read` does. Absent where `read` says it all.
   */
  diagnose?(signal: AbortSignal): Promise<readonly MonitorTable[]>;
  /** Lets go of connections, listeners and files. May be called during a `read`, which then rejects. */
  close(): Promise<void>;
}
