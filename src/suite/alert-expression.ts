// Alert rules as people write them, turned into plans. The schema calls it to find mistakes, plan/ to make the plan;
// read-scaling.ts reads the triggers of scaling rules with it.

import type { Aggregation, ThresholdOperator } from '../model/aggregation.ts';
import type { AlertCondition, AlertDefinition, AlertLevel, AlertPlan, AlertRule } from '../model/alert.ts';
import { UsageError } from '../model/errors.ts';
import type { MetricDefinition } from '../model/metric.ts';
import type { MonitorUnit } from '../model/monitor.ts';
import { parseDuration } from '../time/duration.ts';
import { parseQuantity } from './quantity.ts';
import { endOfTags, parseSelector } from './selector.ts';
import { aggregationFits, aggregationsFor, parseAggregation } from './threshold-expression.ts';

//   rule      = condition { "and" condition } [ [ "sustained" ] "for" duration ]
//   condition = selector [ aggregation ] operator quantity
//   selector  = metric [ "{" tags "}" ]
//   duration  = "30s", "1m30s", or a number and a word: "2 minutes"
const conditionPattern =
  /^([^\s{}<>=!]+\s*(?:\{\d+\})?)\s*(?:\s([a-z_][a-z\d_]*(?:\([^()]*\))?))?\s*(<=|>=|===|==|!=|<|>)\s*(.+)$/i;
const forPattern = /\s+(?:sustained\s+)?for\s+/i;
const andPattern = /\s+and\s+/i;
const durationWords: Readonly<Record<string, string>> = {
  second: 's',
  sec: 's',
  minute: 'm',
  min: 'm',
  hour: 'h',
  day: 'd',
};
const msPerSec = 1000;
const defaultHysteresis = 0.05;

/** A condition that does not parse: which one, and what belongs there. */
export interface AlertTrouble {
  readonly expected: string;
  readonly found: string;
}

/**
 * Parses `monitor_host_cpu_ratio > 80% and http_req_duration p(95) > 200ms for 2 minutes`. Gives the first trouble
 * in place of a rule that cannot be used with these metrics.
 */
export function parseAlertRule(
  expression: string,
  level: AlertLevel,
  metrics: Readonly<Record<string, MetricDefinition>>,
): AlertRule | AlertTrouble {
  const rule = parseRule(expression, metrics);
  return 'expected' in rule ? rule : { level, expression, ...rule };
}

/** As `parseAlertRule`, for a rule that has no level. */
export function parseRule(
  expression: string,
  metrics: Readonly<Record<string, MetricDefinition>>,
): Pick<AlertRule, 'conditions' | 'forMs'> | AlertTrouble {
  const { text, restored } = withoutTags(expression.trim());
  const [body = '', ...times] = text.split(forPattern);
  const time = times.length === 0 ? undefined : times.join(' for ');
  const forMs = time === undefined ? 0 : parseTime(time);
  if (forMs === undefined) {
    return { expected: 'a duration such as "30s" or "2 minutes" after "for"', found: restored(time ?? '') };
  }
  const conditions: AlertCondition[] = [];
  for (const part of body.split(andPattern)) {
    const condition = parseCondition(part, restored, metrics);
    if ('expected' in condition) return condition;
    conditions.push(condition);
  }
  return { conditions, forMs };
}

/** `30s`, `1m30s`, or a number and a word: `2 minutes`. ms. */
export function parseTime(text: string): number | undefined {
  const [, amount, word] = /^(\d+(?:\.\d+)?)\s*([a-z]+?)s?$/i.exec(text.trim()) ?? [];
  const name = word?.toLowerCase() ?? '';
  const unit = Object.hasOwn(durationWords, name) ? durationWords[name] : undefined;
  return parseDuration(unit === undefined ? text.trim() : `${amount}${unit}`);
}

/** Tags may hold any word and sign, so they are put aside: `http_reqs{0} > 5`; `restored` puts them back. */
function withoutTags(expression: string): { text: string; restored: (text: string) => string } {
  const aside: string[] = [];
  let text = '';
  for (let at = 0; at < expression.length; at++) {
    const end = expression[at] === '{' ? endOfTags(expression, at) : undefined;
    if (end === undefined) {
      text += expression[at];
      continue;
    }
    text += `{${aside.length}}`;
    aside.push(expression.slice(at, end));
    at = end - 1;
  }
  return { text, restored: (part) => part.replace(/\{(\d+)\}/g, (own, k) => aside[Number(k)] ?? own) };
}

function parseCondition(
  text: string,
  restored: (text: string) => string,
  metrics: Readonly<Record<string, MetricDefinition>>,
): AlertCondition | AlertTrouble {
  const [, bareSelector = '', aggregationText, operator, limitText = ''] =
    conditionPattern.exec(text.trim()) ?? [];
  const selectorText = restored(bareSelector);
  const selector = parseSelector(selectorText);
  if (selector === undefined || operator === undefined) {
    return { expected: 'a condition such as monitor_host_cpu_ratio > 80%', found: restored(text.trim()) };
  }
  const metric = Object.hasOwn(metrics, selector.metric) ? metrics[selector.metric] : undefined;
  if (metric === undefined) return { expected: 'a metric that the suite has', found: selector.metric };
  if (metric.watched && Object.keys(selector.tags).length > 0) {
    return {
      expected: `${selector.metric} without tags: figures of monitors have none`,
      found: selectorText,
    };
  }
  const aggregation = aggregationText === undefined ? undefined : parseAggregation(aggregationText);
  if (aggregationText !== undefined && aggregation === undefined) {
    return { expected: 'an aggregation such as p(95), avg or max', found: aggregationText };
  }
  const wrong = aggregationTrouble(selector.metric, metric, aggregation);
  if (wrong !== undefined) return wrong;
  const limit = limitOf(limitText, metric, aggregation);
  if (limit === undefined) {
    return {
      expected: `a limit that fits ${selector.metric}, such as ${exampleOf(metric)}`,
      found: limitText,
    };
  }
  return {
    ...selector,
    ...(aggregation !== undefined && { aggregation }),
    operator: (operator === '===' ? '==' : operator) as ThresholdOperator,
    ...limit,
  };
}

function aggregationTrouble(
  name: string,
  metric: MetricDefinition,
  aggregation: Aggregation | undefined,
): AlertTrouble | undefined {
  if (metric.sampled || metric.type === 'gauge') {
    if (aggregation === undefined || aggregation.kind === 'value' || aggregation.kind === 'last')
      return undefined;
    return { expected: `${name} without an aggregation`, found: aggregation.kind };
  }
  if (metric.watched && aggregation !== undefined && aggregation.kind !== 'rate') {
    return { expected: `${name} per time, without an aggregation`, found: aggregation.kind };
  }
  if (aggregation === undefined) {
    if (metric.type !== 'trend') return undefined;
    return { expected: `an aggregation after ${name}, such as p(95) or avg`, found: name };
  }
  if (aggregationFits(metric, aggregation)) return undefined;
  return {
    expected: `an aggregation of a ${metric.type}: ${aggregationsFor(metric).join(', ')}`,
    found: name,
  };
}

function exampleOf({ type, contains }: MetricDefinition): string {
  if (type === 'rate') return '1%';
  if (type === 'counter') return contains === 'data' ? '10MB/s' : '10/min';
  return contains === 'time' ? '200ms' : contains === 'data' ? '4GB' : '80 or 80%';
}

/** Counters compare per second, whatever time their limit is for. */
function limitOf(
  text: string,
  { type, contains }: MetricDefinition,
  aggregation: Aggregation | undefined,
): { limit: number; unit: AlertCondition['unit'] } | undefined {
  const quantity = parseQuantity(text);
  if (quantity === undefined) return undefined;
  const { value, dimension, perMs } = quantity;
  if (type === 'counter' && aggregation?.kind !== 'count') {
    if (dimension !== 'none' && dimension !== contains) return undefined;
    return { limit: perMs === undefined ? value : (value * msPerSec) / perMs, unit: 'per s' };
  }
  if (perMs !== undefined) return undefined;
  const own = type === 'rate' ? 'ratio' : contains === 'default' ? 'none' : contains;
  // A plain gauge may be a share; whether it is, its name says.
  const fits = dimension === 'none' || dimension === own || (own === 'none' && dimension === 'ratio');
  if (!fits || (own === 'ratio' && value > 1)) return undefined;
  return { limit: value, unit: unitOf(own === 'none' ? dimension : own) };
}

function unitOf(dimension: string): MonitorUnit {
  if (dimension === 'ratio') return 'ratio';
  if (dimension === 'time') return 'ms';
  return dimension === 'data' ? 'bytes' : 'count';
}

/**
 * The plans of valid `alerts`. Throws a `UsageError` for one on a metric that is not there: an alert of the suite may be
 * on a monitor that only other profiles, or other environments, have.
 */
export function makeAlertPlans(
  alerts: Readonly<Record<string, AlertDefinition>>,
  metrics: Readonly<Record<string, MetricDefinition>>,
): AlertPlan[] {
  return Object.entries(alerts).map(([name, alert]) => {
    const {
      title = name.replaceAll('_', ' '),
      hysteresis = defaultHysteresis,
      respond = [],
      abort = false,
    } = alert;
    const rules = (['warning', 'critical'] as const).flatMap((level) => {
      const expression = alert[level];
      if (expression === undefined) return [];
      const rule = parseAlertRule(expression, level, metrics);
      if ('expected' in rule) {
        throw new UsageError(`alerts.${name}.${level}: expected ${rule.expected}, found ${rule.found}`);
      }
      return [rule];
    });
    return { name, title, rules, hysteresis, respond, abort };
  });
}
