// What the tests of sockets and event streams share: a user with an HTTP client, and a meter that keeps what it is told.

import type { HttpSecrets } from '../model/http-secrets.ts';
import type { HttpPlan } from '../model/http-settings.ts';
import { HeldRuntime } from './held-connections.ts';
import { Cookies } from './http/cookies.ts';
import { atEnd, KeepingMeter } from './http/keeping-client.cases.ts';
import { HttpRuntime } from './http/runtime.ts';
import { UserHttp } from './http/user-http.ts';
import { Scope } from './scope.ts';
import { UserEventStreams } from './sse/user-event-streams.ts';
import { UserWebSockets } from './websocket/user-websockets.ts';

export interface HeldClient {
  readonly http: UserHttp;
  readonly ws: UserWebSockets;
  readonly sse: UserEventStreams;
  readonly meter: KeepingMeter;
  /** Codes of failures, in order. */
  readonly failures: string[];
  readonly warnings: string[];
  /** Makes the next operation the first of an arrival that was due then (process clock). */
  due(atMs: number): void;
  /** Sum of a counter over all its series. */
  count(metric: string, tags?: Readonly<Record<string, string>>): number;
  /** Ends the user, and waits for its connections. */
  end(cause?: { code: string; message: string }): Promise<void>;
}

/** A user until the test ends. */
export function connectUser(
  baseUrl: string | undefined,
  plan: Partial<HttpPlan> = {},
  secrets: HttpSecrets = {},
): HeldClient {
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const warnings: string[] = [];
  const http = new HttpRuntime({
    baseUrl,
    plan: { timeoutMs: 10_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6, ...plan },
    secrets,
    userAgent: 'plimsoll/test',
    onFailure: (_exchange, code) => failures.push(code),
  });
  const runtime = new HeldRuntime({
    http,
    onFailure: (_tags, code) => failures.push(code),
    onWarning: (message) => warnings.push(message),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  let dueAtMs = -1;
  const user = {
    scope,
    takeScheduledAtMs() {
      const taken = dueAtMs;
      dueAtMs = -1;
      return taken;
    },
  };
  const cookies = new Cookies();
  const session = new UserHttp(http, user, cookies);
  const ws = new UserWebSockets({ runtime, user, session, cookies });
  const sse = new UserEventStreams({ runtime, user, http: session });
  let ended: Promise<void> | undefined;
  const close = async (cause?: { code: string; message: string }): Promise<void> => {
    ws.close(cause);
    sse.close(cause);
    session.close(cause);
    await runtime.close();
    await http.close();
  };
  const end: HeldClient['end'] = (cause) => {
    ended ??= close(cause);
    return ended;
  };
  atEnd(() => end());
  return {
    http: session,
    ws,
    sse,
    meter,
    failures,
    warnings,
    due: (atMs) => {
      dueAtMs = atMs;
    },
    count: (metric, tags) => meter.values(metric, tags).reduce((sum, value) => sum + value, 0),
    end,
  };
}

/** Resolves once `holds` does; what it waits for must come, so the limit is the test's own. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
