// WebSockets as workers open them. See ../protocol.ts.

import { HeldRuntime } from '../held-connections.ts';
import type { OpenHttp } from '../http/protocol.ts';
import type { UserHttp } from '../http/user-http.ts';
import type { Protocol } from '../protocol.ts';
import { UserWebSockets } from './user-websockets.ts';

export const protocol: Protocol = {
  open({ onFailure, onWarning }, earlier) {
    const { runtime: http } = earlier.get('http') as OpenHttp;
    const runtime = new HeldRuntime({ http, onFailure, onWarning });
    return {
      atFirstUse: true,
      connect: (user, [session]) =>
        new UserWebSockets({ runtime, user, session: session as UserHttp, cookies: user.cookies }),
      close: () => runtime.close(),
    };
  },
};
