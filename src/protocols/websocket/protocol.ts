// WebSockets as workers open them. See ../protocol.ts.

import { firstUse, type MakeClient } from '../first-use.ts';
import { HeldRuntime } from '../held-connections.ts';
import type { OpenHttp } from '../http/protocol.ts';
import type { UserHttp } from '../http/user-http.ts';
import type { Protocol } from '../protocol.ts';
import { UserWebSockets } from './user-websockets.ts';

export const protocol: Protocol = {
  open({ onFailure, onWarning }, earlier) {
    const { runtime: http } = earlier.get('http') as OpenHttp;
    const runtime = new HeldRuntime({ http, onFailure, onWarning });
    const make: MakeClient = (user, [session]) =>
      new UserWebSockets({ runtime, user, session: session as UserHttp, cookies: user.cookies });
    return {
      connect: (user, earlier) => firstUse(make, user, earlier),
      close: () => runtime.close(),
    };
  },
};
