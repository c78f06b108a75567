// The recorders of one endpoint: which series the samples of a request go to. Looked up once per request.

import type {
  CounterRecorder,
  CutMark,
  Meter,
  RateRecorder,
  Tags,
  TrendRecorder,
} from '../../model/metric.ts';
import { plainWire, type Wire } from './wire.ts';

/** All recorders for requests of one endpoint that ended the same way. */
export interface HttpSeries {
  readonly requests: CounterRecorder;
  readonly failed: RateRecorder;
  readonly duration: TrendRecorder;
  readonly blocked: TrendRecorder;
  readonly connecting: TrendRecorder;
  readonly tlsHandshaking: TrendRecorder;
  readonly sending: TrendRecorder;
  readonly waiting: TrendRecorder;
  readonly receiving: TrendRecorder;
  readonly sentBytes: CounterRecorder;
  readonly receivedBytes: CounterRecorder;
}

/** One method and name within a scope; its series differ by status, expectation, wire and error code. */
export class HttpEndpoint {
  readonly tags: Tags;
  readonly #meter: Meter;
  readonly #byStatus = new Map<number, HttpSeries>();
  readonly #byWire = new Map<Wire, Map<number, HttpSeries>>();
  readonly #byError = new Map<string, HttpSeries>();
  #serviceTime: TrendRecorder | undefined;
  // Most answers are like the one before.
  #last: HttpSeries | undefined;
  #lastStatus = -1;
  #lastExpected = false;
  #lastWire: Wire | undefined;

  constructor(meter: Meter, tags: Tags) {
    this.#meter = meter;
    this.tags = tags;
  }

  /** The series of responses with `status`; `expected` says whether the status counts as success. */
  answered(status: number, expected: boolean, wire: Wire): HttpSeries {
    if (status === this.#lastStatus && expected === this.#lastExpected && wire === this.#lastWire)
      return this.#last!;
    const key = expected ? status : -status;
    const byStatus = wire === plainWire ? this.#byStatus : this.#statusesOf(wire);
    let series = byStatus.get(key);
    if (series === undefined) {
      series = this.#make({ status: String(status), expected_response: String(expected), ...wire.tags });
      byStatus.set(key, series);
    }
    this.#lastStatus = status;
    this.#lastExpected = expected;
    this.#lastWire = wire;
    this.#last = series;
    return series;
  }

  #statusesOf(wire: Wire): Map<number, HttpSeries> {
    let byStatus = this.#byWire.get(wire);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.#byWire.set(wire, byStatus);
    }
    return byStatus;
  }

  /** The series of responses with `status` after which the request could not go on. */
  stopped(status: number, code: string, wire: Wire): HttpSeries {
    const key = `${status} ${code} ${Object.values(wire.tags).join(' ')}`;
    let series = this.#byError.get(key);
    if (series === undefined) {
      const outcome = { status: String(status), expected_response: 'false', error_code: code };
      series = this.#make({ ...outcome, ...wire.tags });
      this.#byError.set(key, series);
    }
    return series;
  }

  /** The series of requests that got no usable response. */
  errored(code: string): HttpSeries {
    let series = this.#byError.get(code);
    if (series === undefined) {
      series = this.#make({ status: '0', expected_response: 'false', error_code: code });
      this.#byError.set(code, series);
    }
    return series;
  }

  /** Response time without schedule lag, recorded for the first request of arrival-rate iterations. */
  get serviceTime(): TrendRecorder {
    this.#serviceTime ??= this.#meter.trend('http_req_service_time', this.tags);
    return this.#serviceTime;
  }

  /** How often requests were sent again, by the code of what had become of their connection. */
  resent(code: string): CounterRecorder {
    return this.#meter.counter('http_req_resent', { ...this.tags, error_code: code });
  }

  /** A request was cut off after that time. */
  cutOff(waitedMs: number, mark: CutMark): void {
    this.#meter.cutOff('http_req_duration', this.tags, waitedMs, mark);
  }

  #make(outcome: Tags): HttpSeries {
    const meter = this.#meter;
    const tags = { ...this.tags, ...outcome };
    return {
      requests: meter.counter('http_reqs', tags),
      failed: meter.rate('http_req_failed', tags),
      duration: meter.trend('http_req_duration', tags),
      blocked: meter.trend('http_req_blocked', tags),
      connecting: meter.trend('http_req_connecting', tags),
      tlsHandshaking: meter.trend('http_req_tls_handshaking', tags),
      sending: meter.trend('http_req_sending', tags),
      waiting: meter.trend('http_req_waiting', tags),
      receiving: meter.trend('http_req_receiving', tags),
      sentBytes: meter.counter('data_sent', tags),
      receivedBytes: meter.counter('data_received', tags),
    };
  }
}
