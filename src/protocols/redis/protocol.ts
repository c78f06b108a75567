// The door of redis/ for workers: loads the rest only for suites that have a Redis server, since it takes a while.

import type { HttpError } from '../../model/context.ts';
import type { RedisClient } from '../../model/redis.ts';
import type { ConnectingUser } from '../held-connections.ts';
import type { RedisRuntimeOptions } from './runtime.ts';

export interface UserOfRedis {
  readonly client: RedisClient;
  /** It waits for messages of a subscription, which have no end of their own. */
  readonly listens: boolean;
  /** The user has ended, at the end of the run or because of `cause`. */
  close(cause?: HttpError): void;
}

export interface RedisProtocol {
  /** Redis for one more virtual user. */
  connect(user: ConnectingUser): UserOfRedis;
  /** Resolves when every connection is closed; their users have ended before. */
  close(): Promise<void>;
}

export async function openRedis(options: RedisRuntimeOptions): Promise<RedisProtocol> {
  const [{ RedisRuntime }, { UserCommands }, { UserSubscriptions }, { UserRedis }] = await Promise.all([
    import('./runtime.ts'),
    import('./user-commands.ts'),
    import('./subscriptions.ts'),
    import('./user-redis.ts'),
  ]);
  const runtime = await RedisRuntime.create(options);
  return {
    connect(user) {
      const session = new UserCommands(runtime, user);
      const subscriptions = new UserSubscriptions(session);
      return {
        client: new UserRedis(session, subscriptions),
        get listens() {
          return subscriptions.listens;
        },
        close(cause) {
          session.close(cause);
          subscriptions.close(cause);
        },
      };
    },
    close: () => runtime.close(),
  };
}

/** What stands in the context of suites without Redis. */
export const noRedis = new Proxy({} as RedisClient, {
  get(_target, name): unknown {
    // Somebody asks whether it is a promise, or prints it.
    if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
    return () => {
      throw new TypeError('this suite has no Redis server: give it a key `redis`');
    };
  },
});
