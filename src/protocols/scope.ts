// Where a sample belongs: the tags of the running scenario, user, task and group, and the recorders that go
// with them. Scopes are shared by all VUs of a worker and interned, so the request path only looks them up.

import {
  type CounterRecorder,
  type CutMark,
  type Meter,
  otherValues,
  type RateRecorder,
  type Tags,
  type TrendRecorder,
} from '../model/metric.ts';
import { HttpEndpoint } from './http/request-series.ts';
import { outcomeTags } from './registry.ts';

/** Distinct values of one kind (names, tag sets, checks) a scope keeps apart; the rest share one series. */
const maxVariants = 500;

/** How work came out is kept apart even when the meter is full: the values are few, as limits are on them. */
function isOutcome(extra: Tags): boolean {
  for (const name in extra) if (!outcomeTags.has(name)) return false;
  return true;
}

/**
 * The tags of a scenario, user, task and group, with their recorders.
 *
 * Cardinality is bounded: beyond 500 endpoint names, tag sets or checks within one scope, further ones are
 * recorded under `(other)`, and `onOverflow` is told. So is all that is new when the meter is full, whose own limits tell
 * of it.
 */
export class Scope {
  readonly tags: Tags;
  readonly #meter: Meter;
  readonly #onOverflow: (what: string, example: string) => void;
  readonly #children = new Map<string, Scope>();
  readonly #endpoints = new Map<string, Map<string, HttpEndpoint>>();
  readonly #checks = new Map<string, RateRecorder>();
  readonly #recorders = new Map<string, unknown>();
  #endpointCount = 0;

  constructor(meter: Meter, tags: Tags, onOverflow: (what: string, example: string) => void) {
    this.#meter = meter;
    this.tags = tags;
    this.#onOverflow = onOverflow;
  }

  /** This scope with more tags; the same object for the same tags. */
  with(extra: Tags): Scope {
    let key = '';
    for (const name in extra) key += `${name}\u0000${extra[name]}\u0000`;
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    const isFull = this.#meter.isFull && !isOutcome(extra);
    if (this.#children.size >= maxVariants || isFull) {
      if (!isFull) this.#onOverflow('tag values', JSON.stringify(extra));
      const folded = Object.fromEntries(Object.keys(extra).map((name) => [name, otherValues]));
      return this.#make(`\u0000${Object.keys(folded).join()}`, folded);
    }
    return this.#make(key, extra);
  }

  #make(key: string, extra: Tags): Scope {
    let child = this.#children.get(key);
    if (child === undefined) {
      child = new Scope(this.#meter, { ...this.tags, ...extra }, this.#onOverflow);
      this.#children.set(key, child);
    }
    return child;
  }

  endpoint(method: string, name: string): HttpEndpoint {
    let names = this.#endpoints.get(method);
    if (names === undefined) {
      names = new Map();
      this.#endpoints.set(method, names);
    }
    const known = names.get(name);
    if (known !== undefined) return known;
    if (name !== otherValues && (this.#endpointCount >= maxVariants || this.#meter.isFull)) {
      if (!this.#meter.isFull) this.#onOverflow('request names', name);
      return this.endpoint(method, otherValues);
    }
    const endpoint = new HttpEndpoint(this.#meter, { ...this.tags, method, name });
    names.set(name, endpoint);
    this.#endpointCount++;
    return endpoint;
  }

  check(name: string): RateRecorder {
    const known = this.#checks.get(name);
    if (known !== undefined) return known;
    if (name !== otherValues && (this.#checks.size >= maxVariants || this.#meter.isFull)) {
      if (!this.#meter.isFull) this.#onOverflow('check names', name);
      return this.check(otherValues);
    }
    const recorder = this.#meter.rate('checks', { ...this.tags, check: name });
    this.#checks.set(name, recorder);
    return recorder;
  }

  trend(metric: string): TrendRecorder {
    return this.#recorder(metric, () => this.#meter.trend(metric, this.tags));
  }

  counter(metric: string): CounterRecorder {
    return this.#recorder(metric, () => this.#meter.counter(metric, this.tags));
  }

  rate(metric: string): RateRecorder {
    return this.#recorder(metric, () => this.#meter.rate(metric, this.tags));
  }

  gauge(metric: string): ReturnType<Meter['gauge']> {
    return this.#recorder(metric, () => this.#meter.gauge(metric, this.tags));
  }

  /** Notes that work of this scope was cut off; see `Meter.cutOff`. */
  cutOff(metric: string, waitedMs: number, mark: CutMark): void {
    this.#meter.cutOff(metric, this.tags, waitedMs, mark);
  }

  #recorder<Recorder>(metric: string, make: () => Recorder): Recorder {
    let recorder = this.#recorders.get(metric) as Recorder | undefined;
    if (recorder === undefined) {
      recorder = make();
      this.#recorders.set(metric, recorder);
    }
    return recorder;
  }
}
