// HTTP as workers open it. See ../protocol.ts.

import type { OpenProtocol, Protocol } from '../protocol.ts';
import { HttpRuntime } from './runtime.ts';
import { UserHttp } from './user-http.ts';

/** HTTP in one worker, which WebSockets and event streams need as well. */
export interface OpenHttp extends OpenProtocol {
  readonly runtime: HttpRuntime;
}

export const protocol: Protocol = {
  open({ plan, secrets, userAgent, guard, onFailure }): OpenHttp {
    const runtime = new HttpRuntime({
      guard,
      baseUrl: plan.baseUrl,
      plan: plan.http,
      userAgent,
      secrets: secrets.http,
      onFailure: (exchange, code, text) => onFailure(exchange.endpoint.tags, code, text, exchange.endedAtMs),
    });
    return {
      runtime,
      connect: (user) => new UserHttp(runtime, user, user.cookies),
      close: () => runtime.close(),
    };
  },
};
