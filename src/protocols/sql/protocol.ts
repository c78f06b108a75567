// PostgreSQL as workers open it. See ../protocol.ts.

import type { Protocol } from '../protocol.ts';
import { SqlRuntime } from './runtime.ts';
import { UserSql } from './user-sql.ts';

export const protocol: Protocol = {
  open({ plan, secrets, guard, worker, onFailure }) {
    const runtime = new SqlRuntime({
      plan: plan.sql!,
      secrets: secrets.sql ?? {},
      guard,
      worker,
      workers: plan.workers,
      onFailure,
    });
    return { connect: (user) => new UserSql(runtime, user), close: () => runtime.close() };
  },
};
