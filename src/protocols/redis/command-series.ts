// The recorders of one command: which series its samples go to. Looked up once per command.

import type { CounterRecorder, RateRecorder, Tags, TrendRecorder } from '../../model/metric.ts';
import type { Scope } from '../scope.ts';
import type { RedisFailure } from './failure.ts';
import { isRead } from './hits.ts';

/** All recorders for commands of one name that ended the same way; made when first asked for. */
export class RedisSeries {
  readonly #scope: Scope;
  #operations: CounterRecorder | undefined;
  #failed: RateRecorder | undefined;
  #duration: TrendRecorder | undefined;
  #sentBytes: CounterRecorder | undefined;
  #receivedBytes: CounterRecorder | undefined;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get operations(): CounterRecorder {
    this.#operations ??= this.#scope.counter('redis_ops');
    return this.#operations;
  }
  get failed(): RateRecorder {
    this.#failed ??= this.#scope.rate('redis_op_failed');
    return this.#failed;
  }
  get duration(): TrendRecorder {
    this.#duration ??= this.#scope.trend('redis_op_duration');
    return this.#duration;
  }
  get sentBytes(): CounterRecorder {
    this.#sentBytes ??= this.#scope.counter('data_sent');
    return this.#sentBytes;
  }
  get receivedBytes(): CounterRecorder {
    this.#receivedBytes ??= this.#scope.counter('data_received');
    return this.#receivedBytes;
  }
}

export class RedisEndpoint {
  readonly scope: Scope;
  readonly ok: RedisSeries;
  /** Of commands that read; `null` for the others. */
  readonly hits: RateRecorder | null;
  readonly #byCode = new Map<string, RedisSeries>();

  constructor(scope: Scope, command: string) {
    this.scope = scope;
    this.ok = new RedisSeries(scope);
    this.hits = isRead(command) ? scope.rate('redis_hits') : null;
  }

  /** Where its failures belong. The same object for the same series. */
  get tags(): Tags {
    return this.scope.tags;
  }

  /** Duration without schedule lag, for the first command of arrival-rate iterations. */
  get serviceTime(): TrendRecorder {
    return this.scope.trend('redis_op_service_time');
  }

  failed({ code }: Pick<RedisFailure, 'code'>): RedisSeries {
    let series = this.#byCode.get(code);
    if (series === undefined) {
      series = new RedisSeries(this.scope.with({ error_code: code }));
      this.#byCode.set(code, series);
    }
    return series;
  }
}

/** Finds the endpoint of a scope and a command; both are few and live as long as the run. */
export class RedisEndpoints {
  readonly #byScope = new WeakMap<Scope, Map<string, RedisEndpoint>>();

  get(scope: Scope, command: string): RedisEndpoint {
    let byCommand = this.#byScope.get(scope);
    if (byCommand === undefined) {
      byCommand = new Map();
      this.#byScope.set(scope, byCommand);
    }
    let endpoint = byCommand.get(command);
    if (endpoint === undefined) {
      endpoint = new RedisEndpoint(scope.with({ command }), command);
      byCommand.set(command, endpoint);
    }
    return endpoint;
  }
}
