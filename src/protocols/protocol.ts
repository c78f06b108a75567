// The contract of a protocol's client: how a worker opens it, how a virtual user gets its part of it, and how both are
// closed. Each folder has a `protocol.ts` that exports one; its facts load it.

import type { HttpError } from '../model/context.ts';
import type { Tags } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { Guard } from '../network/dialer.ts';
import type { Cookies } from './http/cookies.ts';
import type { ProtocolSecrets } from './registry.ts';
import type { Scope } from './scope.ts';

/** What a client reads of its virtual user, at the moment an operation starts. */
export interface ProtocolUser {
  /** Where samples belong right now. */
  readonly scope: Scope;
  readonly cookies: Cookies;
  /** Process clock time at which the running iteration was due, or -1; taken by its first operation. */
  takeScheduledAtMs(): number;
}

/** One virtual user's part of a protocol. */
export interface UserClient {
  /** What stands in the context of tasks. */
  readonly client: object;
  /** It waits for messages, which have no end of their own. Absent: never. */
  readonly listens?: boolean;
  /** The user has ended: at the end of the run, which cuts off what is open, or because of `cause`, which fails it. */
  close(cause?: HttpError): void;
}

export interface OpenProtocol {
  /**
   * A user's part is made when user code first calls `connect`, which is then the only function that the client has.
   * Absent: it is made with the user.
   */
  readonly atFirstUse?: true;
  /** The part of one more user; `earlier` are its clients of other protocols, that of HTTP first. */
  connect(user: ProtocolUser, earlier: readonly (UserClient | null)[]): UserClient;
  /** Resolves when every connection is closed; their users have ended before. */
  close(): Promise<void>;
}

/** What a worker gives to every protocol. */
export interface OpenOptions {
  readonly plan: Plan;
  readonly secrets: ProtocolSecrets;
  readonly userAgent: string;
  /** Asked before every connection. */
  readonly guard: Guard | undefined;
  /** Which of the plan's workers it is, from 0. */
  readonly worker: number;
  /** Called once for each operation that failed or was cut off; `atMs` is its end on the process clock, now when absent. */
  readonly onFailure: (tags: Tags, code: string, message: string, atMs?: number) => void;
  readonly onWarning: (message: string) => void;
}

export interface Protocol {
  /** `earlier` are the protocols before it that are open, by name; HTTP always is. */
  open(
    options: OpenOptions,
    earlier: ReadonlyMap<string, OpenProtocol>,
  ): OpenProtocol | Promise<OpenProtocol>;
}
