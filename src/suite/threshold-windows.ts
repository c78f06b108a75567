// The clauses of a threshold that judge it window by window: `p(95)<200 for 30s`, `over 10s`, `in 95%`, `within 10s`.
// threshold-expression.ts parts them from the limit, rules-thresholds.ts tells of what does not parse.

import { type MetricDefinition, metricsMadeAtEnd, type Tags } from '../model/metric.ts';
import type { ThresholdWindows } from '../model/plan.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseDuration } from '../time/duration.ts';
import { parseQuantity } from './quantity.ts';

//   clauses = [ "over" duration ] [ "for" duration | "in" share ] [ "within" duration ]        in any order
//   share   = number "%" | number from 0 to 1
const words = ['over', 'for', 'in', 'within'] as const;
type Word = (typeof words)[number];

const secondMs = 1000;
/** A clause begins where a word stands after the number of a limit. */
const firstClause = /^([^<>=]*(?:<=|>=|===|==|!=|<|>)\s*\S+?(?:\s*%)?)(\s+[a-z].*)$/i;
/** Units that may stand apart from their number, and `/ h` after them. */
const looseUnit = /^\s+(?:ms|s|min|h|b|kb|mb|gb|tb|kib|mib|gib)\b(?:\s*\/\s*\w+)?/i;

/** What is wrong with a clause: `at` counts characters of the expression from 1. */
export interface ClauseTrouble {
  readonly expected: string;
  readonly at: number;
  /** The whole expression as it was perhaps meant. */
  readonly suggestion?: string;
}

/** An expression parted: the limit as k6 writes it, and what follows. */
export function splitClauses(text: string): { readonly limit: string; readonly clauses: string } {
  const [, limit, clauses] = firstClause.exec(text) ?? [];
  if (limit === undefined || clauses === undefined) return { limit: text, clauses: '' };
  const unit = looseUnit.exec(clauses)?.[0] ?? '';
  return { limit: limit + unit, clauses: clauses.slice(unit.length) };
}

/**
 * Parses the clauses of an expression, durations in whole seconds; `undefined` when it has none. Without `for` and `in`
 * the limit must hold in every window.
 */
export function parseWindows(text: string): ThresholdWindows | ClauseTrouble | undefined {
  const { clauses } = splitClauses(text);
  if (clauses.trim() === '') return undefined;
  const found = new Map<Word, number>();
  const offset = text.length - clauses.length;
  const parts = [...clauses.matchAll(/\s+(\S+)(?:\s+(\d\S*(?:\s*%)?|\S+))?/g)];
  for (const { index, 1: given = '', 2: value = '' } of parts) {
    const at = offset + index + 1 + /^\s*/.exec(clauses.slice(index))![0].length;
    const word = words.find((one) => one === given.toLowerCase());
    if (word === undefined) {
      const nearest = nearestName(given.toLowerCase(), words);
      const replaced = text.slice(0, at - 1) + nearest + text.slice(at - 1 + given.length);
      const expected = `"over", "for", "in" or "within" at character ${at}`;
      return { expected, at, ...(nearest !== undefined && { suggestion: replaced }) };
    }
    if (found.has(word)) return { expected: `"${word}" once, not again at character ${at}`, at };
    const number = word === 'in' ? shareOf(value) : secondsOf(value);
    if (number === undefined) {
      const what =
        word === 'in' ? 'a share such as 95%' : 'a duration of whole seconds such as 30s, 1 s at the least,';
      return { expected: `${what} after "${word}" at character ${at}`, at };
    }
    found.set(word, number);
  }
  return combined(found, offset + 1);
}

function combined(found: ReadonlyMap<Word, number>, at: number): ThresholdWindows | ClauseTrouble {
  const lengthMs = found.get('over') ?? secondMs;
  const forMs = found.get('for');
  const share = found.get('in');
  if (forMs !== undefined && share !== undefined) {
    return { expected: `either "for" or "in", not both, at character ${at}`, at };
  }
  if (forMs !== undefined && forMs < lengthMs) {
    return { expected: `a time after "for" as long as the one after "over" at character ${at}`, at };
  }
  const withinMs = found.get('within') ?? 0;
  return { lengthMs, withinMs, ...(forMs === undefined ? { share: share ?? 1 } : { forMs }) };
}

function secondsOf(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= secondMs && ms % secondMs === 0 ? ms : undefined;
}

function shareOf(text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity.perMs !== undefined) return undefined;
  const { value, dimension } = quantity;
  const isShare = dimension === 'ratio' || dimension === 'none';
  return isShare && value > 0 && value <= 1 ? value : undefined;
}

export function isTrouble(windows: ThresholdWindows | ClauseTrouble | undefined): windows is ClauseTrouble {
  return windows !== undefined && 'expected' in windows;
}

/** The number of the stage that a selector names; `undefined` for one that names none. */
export function stageOf({ stage }: Tags): number | undefined {
  return stage !== undefined && /^[1-9]\d{0,3}$/.test(stage) ? Number(stage) : undefined;
}

/** Why the metric, or the operator, cannot be judged by windows; `undefined` when they can. */
export function windowsMisfit(
  metric: string,
  { type, watched }: MetricDefinition,
  operator: string,
): string | undefined {
  if (watched) {
    return 'a limit on all readings, such as share_above(80%)<5%: figures of monitors are not judged by windows; an alert can wait "for 30s"';
  }
  if (type === 'gauge') return 'a limit without windows: a gauge is not judged by them';
  if (metricsMadeAtEnd.has(metric))
    return `a limit without windows: ${metric} is known at the end of the run`;
  return operator.startsWith('=') || operator === '!='
    ? 'one of <, <=, > and >=, which windows can be judged by'
    : undefined;
}
