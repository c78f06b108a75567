// `measure` of requests as data: what answers say becomes samples of the suite's metrics. Called by declarative.ts in the
// workers.

import type { TaskContext } from '../model/context.ts';
import { assertNever } from '../model/errors.ts';
import type { MeasureDefinition, RequestDefinition, SuiteDefinition } from '../model/suite.ts';
import {
  type Answer,
  compileCondition,
  compileResponseValue,
  describeResponseValue,
  numberIn,
} from './response-value.ts';

type Metrics = TaskContext['metrics'];
type Declared = NonNullable<SuiteDefinition['metrics']>;

/** Adds a sample, or none where the answer has no such value. Throws an `Error` for a value that is no number. */
export type Measure = (answer: Answer, metrics: Metrics) => void;

/** `declared` are the metrics of the suite. Throws a `TypeError` for one that is none: validated suites have them. */
export function compileMeasures(measure: RequestDefinition['measure'], declared: Declared): Measure[] {
  return Object.entries(measure ?? {}).map(([name, definition]) => {
    const type = Object.hasOwn(declared, name) ? declared[name]!.type : undefined;
    if (type === undefined) throw new TypeError(`measure.${name}: the suite declares no such metric`);
    const add = adder(name, type, definition);
    const read = compileResponseValue(definition);
    return (answer, metrics) => {
      const value = readIfAny(read, answer);
      if (value !== undefined && value !== null) add(value, metrics, answer);
    };
  });
}

/** An error page in place of the JSON has no value to measure; that it came is seen elsewhere. */
function readIfAny(read: (answer: Answer) => unknown, answer: Answer): unknown {
  try {
    return read(answer);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function adder(
  name: string,
  type: Declared[string]['type'],
  definition: MeasureDefinition,
): (value: unknown, metrics: Metrics, answer: Answer) => void {
  const what = describeResponseValue(definition);
  const number = (value: unknown, { response }: Answer): number => {
    const found = numberIn(value);
    if (found !== undefined) return found;
    const shown = String(value).slice(0, 60);
    throw new Error(`measure.${name}: ${what} of the answer from ${response.url} is no number: ${shown}`);
  };
  switch (type) {
    case 'rate': {
      const holds = compileCondition(definition);
      return (value, metrics) => metrics.rate(name).add(holds(value));
    }
    case 'trend':
      return (value, metrics, answer) => metrics.trend(name).add(number(value, answer));
    case 'counter':
      return (value, metrics, answer) => metrics.counter(name).add(number(value, answer));
    case 'gauge':
      return (value, metrics, answer) => metrics.gauge(name).set(number(value, answer));
    default:
      return assertNever(type);
  }
}
