// What faults expect, as people write it: `monitor_api_breaker_open == 1 within 5s`, `30%`. The schema calls it to find
// mistakes, plan/ to make the plan.

import type { AlertCondition } from '../model/alert.ts';
import type { MetricDefinition } from '../model/metric.ts';
import { type AlertTrouble, parseRule, parseTime } from './alert-expression.ts';
import { parseQuantity } from './quantity.ts';

const withinPattern = /^(.*\S)\s+within\s+(\S.*)$/i;
/** Of a trend, what the timeline of a run has of each interval. */
const keptPercentiles = [90, 95, 99];

/** Parses `condition within duration`. Gives the trouble in place of what cannot be used with these metrics. */
export function parseExpectation(
  expression: string,
  metrics: Readonly<Record<string, MetricDefinition>>,
): { readonly condition: AlertCondition; readonly withinMs: number } | AlertTrouble {
  const [, text, time] = withinPattern.exec(expression.trim()) ?? [];
  const withinMs = time === undefined ? undefined : parseTime(time);
  if (text === undefined || withinMs === undefined) {
    const expected = 'a condition and a time such as "monitor_api_breaker_open == 1 within 5s"';
    return { expected, found: expression };
  }
  const rule = parseRule(text, metrics);
  if ('expected' in rule) return rule;
  const [condition, ...others] = rule.conditions;
  if (condition === undefined || others.length > 0 || rule.forMs > 0) {
    return { expected: 'one condition, without "and" and "for"', found: text };
  }
  const { metric, tags, aggregation } = condition;
  if (Object.keys(tags).length > 0) {
    return {
      expected: `${metric} without tags: only whole metrics are known interval by interval`,
      found: text,
    };
  }
  if (aggregation?.kind === 'percentile' && !keptPercentiles.includes(aggregation.p)) {
    return { expected: 'p(90), p(95) or p(99), which are known of each interval', found: text };
  }
  return { condition, withinMs };
}

/** A share such as `30%` or `0.3`, 0..1 or more; `undefined` for anything else. */
export function parseShare(text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity.perMs !== undefined) return undefined;
  return quantity.dimension === 'ratio' || quantity.dimension === 'none' ? quantity.value : undefined;
}

/** `host:port`, or the host and port of a URL; `undefined` for anything else. A port alone is one of this machine. */
export function parsePlace(given: unknown): { readonly host: string; readonly port: number } | undefined {
  if (typeof given === 'number') return isPort(given) ? { host: '127.0.0.1', port: given } : undefined;
  if (typeof given !== 'string') return undefined;
  const text = /^[a-z][\w+.-]*:\/\//i.test(given) ? given : `place://${given}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port } = new URL(text);
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = port === '' ? usualPorts.get(protocol) : Number(port);
  return host === '' || number === undefined || !isPort(number) ? undefined : { host, port: number };
}

const usualPorts = new Map([
  ['http:', 80],
  ['https:', 443],
  ['postgres:', 5432],
  ['postgresql:', 5432],
  ['redis:', 6379],
  ['rediss:', 6379],
]);

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
