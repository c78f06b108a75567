// What everything inside a worker shares.

import type { Logger } from '../model/context.ts';
import type { Meter } from '../model/metric.ts';
import type { Finding } from '../model/verdict.ts';
import type { OpenProtocols } from '../protocols/open-protocols.ts';
import type { ErrorLog } from './error-log.ts';
import type { RunClock } from './run-clock.ts';
import type { WorkerFeeders } from './worker-feeders.ts';

export interface WorkerDeps {
  readonly meter: Meter;
  readonly protocols: OpenProtocols;
  readonly feeders: WorkerFeeders;
  /** A user of this scenario asked for a row and none was left. */
  readonly onDataEnded: (feeder: string, scenario: string) => void;
  readonly onFinding: (finding: Finding) => void;
  readonly errors: ErrorLog;
  readonly clock: RunClock;
  readonly log: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onOverflow: (what: string, example: string) => void;
  /** Clients of `setup` and `teardown` that are still open; who ends the worker closes them. */
  readonly hookSessions: Set<{ close(): void }>;
  /** What `setup` returned; set before any virtual user exists. */
  data: unknown;
}
