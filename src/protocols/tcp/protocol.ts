// TCP as workers open it. See ../protocol.ts.

import { Dialer } from '../../network/dialer.ts';
import type { Protocol } from '../protocol.ts';
import { UserTcp } from './user-tcp.ts';

export const protocol: Protocol = {
  open({ plan, guard, onFailure }) {
    const dialer = new Dialer({ guard });
    const users = new Set<UserTcp>();
    return {
      atFirstUse: true,
      connect(user) {
        const own = new UserTcp({
          dialer,
          user,
          defaults: plan.tcp,
          onFailure,
          onEnded: () => users.delete(own),
        });
        users.add(own);
        return own;
      },
      async close() {
        for (const user of users) user.close();
        await Promise.all([...users].map(({ drained }) => drained));
      },
    };
  },
};
