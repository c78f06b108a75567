// Server-Sent Events as workers open them. See ../protocol.ts.

import { HeldRuntime } from '../held-connections.ts';
import type { OpenHttp } from '../http/protocol.ts';
import type { UserHttp } from '../http/user-http.ts';
import type { Protocol } from '../protocol.ts';
import { UserEventStreams } from './user-event-streams.ts';

export const protocol: Protocol = {
  open({ onFailure, onWarning }, earlier) {
    const { runtime: http } = earlier.get('http') as OpenHttp;
    const runtime = new HeldRuntime({ http, onFailure, onWarning });
    return {
      atFirstUse: true,
      connect: (user, [session]) => new UserEventStreams({ runtime, user, http: session as UserHttp }),
      close: () => runtime.close(),
    };
  },
};
