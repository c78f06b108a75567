// Redis as workers open it. See ../protocol.ts.

import type { HttpError } from '../../model/context.ts';
import type { Protocol, UserClient } from '../protocol.ts';
import type { RedisClient } from './redis.ts';
import { RedisRuntime } from './runtime.ts';
import { UserSubscriptions } from './subscriptions.ts';
import { UserCommands } from './user-commands.ts';
import { UserRedis } from './user-redis.ts';

export const protocol: Protocol = {
  async open({ plan, secrets, guard, worker, onFailure, onWarning }) {
    const runtime = await RedisRuntime.create({
      plan: plan.redis!,
      secrets: secrets.redis ?? {},
      guard,
      worker,
      workerCount: plan.workers,
      onFailure,
      onWarning,
    });
    return {
      connect(user) {
        const commands = new UserCommands(runtime, user);
        return new RedisOfUser(commands, new UserSubscriptions(commands));
      },
      close: () => runtime.close(),
    };
  },
};

class RedisOfUser implements UserClient {
  readonly client: RedisClient;
  readonly #commands: UserCommands;
  readonly #subscriptions: UserSubscriptions;

  constructor(commands: UserCommands, subscriptions: UserSubscriptions) {
    this.client = new UserRedis(commands, subscriptions);
    this.#commands = commands;
    this.#subscriptions = subscriptions;
  }

  get listens(): boolean {
    return this.#subscriptions.listens;
  }

  close(cause?: HttpError): void {
    this.#commands.close(cause);
    this.#subscriptions.close(cause);
  }
}
