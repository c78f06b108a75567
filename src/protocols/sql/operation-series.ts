// The recorders of one operation: which series the samples of its statements go to. Looked up once per statement.

import type { CounterRecorder, RateRecorder, Tags, TrendRecorder } from '../../model/metric.ts';
import type { Scope } from '../scope.ts';
import type { SqlFailure } from './sql.ts';

/** All recorders for statements of one operation that ended the same way. */
export interface SqlSeries {
  readonly operations: CounterRecorder;
  readonly failed: RateRecorder;
  readonly duration: TrendRecorder;
  readonly poolWait: TrendRecorder;
  readonly sentBytes: CounterRecorder;
  readonly receivedBytes: CounterRecorder;
}

export class SqlEndpoint {
  readonly scope: Scope;
  readonly #ok: SqlSeries;
  readonly #byError = new Map<string, SqlSeries>();
  #serviceTime: TrendRecorder | undefined;
  #read: CounterRecorder | undefined;
  #changed: CounterRecorder | undefined;

  constructor(scope: Scope) {
    this.scope = scope;
    this.#ok = seriesOf(scope);
  }

  /** Where its failures belong. The same object for the same series. */
  get tags(): Tags {
    return this.scope.tags;
  }
  get ok(): SqlSeries {
    return this.#ok;
  }

  failed({ code, class: errorClass }: SqlFailure): SqlSeries {
    const key = `${code} ${errorClass}`;
    let series = this.#byError.get(key);
    if (series === undefined) {
      series = seriesOf(this.scope.with({ error_code: code, error_class: errorClass }));
      this.#byError.set(key, series);
    }
    return series;
  }

  get read(): CounterRecorder {
    this.#read ??= this.scope.with({ effect: 'read' }).counter('sql_rows');
    return this.#read;
  }
  get changed(): CounterRecorder {
    this.#changed ??= this.scope.with({ effect: 'changed' }).counter('sql_rows');
    return this.#changed;
  }

  /** Duration without schedule lag, for the first statement of arrival-rate iterations. */
  get serviceTime(): TrendRecorder {
    this.#serviceTime ??= this.scope.trend('sql_op_service_time');
    return this.#serviceTime;
  }

  retried({ class: errorClass }: SqlFailure): void {
    this.scope.with({ error_class: errorClass }).counter('sql_retries').add(1);
  }
}

function seriesOf(scope: Scope): SqlSeries {
  return {
    operations: scope.counter('sql_ops'),
    failed: scope.rate('sql_op_failed'),
    duration: scope.trend('sql_op_duration'),
    poolWait: scope.trend('sql_pool_wait'),
    sentBytes: scope.counter('data_sent'),
    receivedBytes: scope.counter('data_received'),
  };
}

/** Finds the endpoint of a scope and an operation; scopes and operations are few and live as long as the run. */
export class SqlEndpoints {
  readonly #byScope = new WeakMap<Scope, Map<string, SqlEndpoint>>();

  get(scope: Scope, operation: string): SqlEndpoint {
    let byName = this.#byScope.get(scope);
    if (byName === undefined) {
      byName = new Map();
      this.#byScope.set(scope, byName);
    }
    let endpoint = byName.get(operation);
    if (endpoint === undefined) {
      // Beyond the scope's limit of distinct tags this is the scope of "(other)", which has an endpoint of its own.
      const own = scope.with({ operation });
      const folded = own.tags.operation ?? operation;
      endpoint = folded === operation ? new SqlEndpoint(own) : (byName.get(folded) ?? new SqlEndpoint(own));
      byName.set(folded, endpoint);
    }
    return endpoint;
  }
}
