import { describe, expect, test } from 'vitest';
import { findThresholdMistakes } from './rules-thresholds.ts';
import { parseThresholdExpression } from './threshold-expression.ts';

describe('clauses of a threshold', () => {
  test.each([
    ['p(95)<200 for 30s', { lengthMs: 1000, withinMs: 0, forMs: 30_000 }],
    ['p(95) < 200 ms for 1m30s', { lengthMs: 1000, withinMs: 0, forMs: 90_000 }],
    ['p(95)<200 over 10s', { lengthMs: 10_000, withinMs: 0, share: 1 }],
    ['p(95)<200 within 10s', { lengthMs: 1000, withinMs: 10_000, share: 1 }],
    ['rate<1% in 95%', { lengthMs: 1000, withinMs: 0, share: 0.95 }],
    ['rate < 1 % in 99.9 % over 5s', { lengthMs: 5000, withinMs: 0, share: 0.999 }],
    ['avg<1s within 10s over 5s for 20s', { lengthMs: 5000, withinMs: 10_000, forMs: 20_000 }],
    ['rate>10/min in 0.5', { lengthMs: 1000, withinMs: 0, share: 0.5 }],
  ])('reads %s', (text, windows) => {
    expect(parseThresholdExpression(text)?.windows).toEqual(windows);
  });

  test('leaves the limit as it is', () => {
    expect(parseThresholdExpression('p(95) <= 2 s for 30s')).toMatchObject({ operator: '<=', limit: 2000 });
    expect(parseThresholdExpression('p(95)<200')).not.toHaveProperty('windows');
  });
});

describe('a mistake in the clauses', () => {
  const suite = { users: {}, monitors: { host: { kind: 'host' } } };
  const mistakesOf = (selector: string, expression: string) =>
    findThresholdMistakes(['thresholds'], { ...suite, thresholds: { [selector]: [expression] } }, suite);

  test.each([
    ['p(95)<200 fro 30s', '"over", "for", "in" or "within" at character 11', 'p(95)<200 for 30s'],
    ['p(95)<200 for', 'a duration of whole seconds', undefined],
    ['p(95)<200 for 500ms', 'a duration of whole seconds', undefined],
    ['p(95)<200 for 30s for 40s', '"for" once, not again at character 19', undefined],
    ['p(95)<200 for 30s in 95%', 'either "for" or "in"', undefined],
    ['p(95)<200 in 120%', 'a share such as 95%', undefined],
    ['p(95)<200 in 0%', 'a share such as 95%', undefined],
    ['p(95)<200 over 1m for 30s', 'a time after "for" as long as', undefined],
    ['p(95)==200 for 30s', 'one of <, <=, > and >=', undefined],
  ])('%s is told with its place', (expression, expected, suggestion) => {
    const [mistake] = mistakesOf('http_req_duration', expression);
    expect(JSON.stringify(mistake)).toContain(JSON.stringify(expected).slice(1, -1));
    if (suggestion !== undefined) expect(JSON.stringify(mistake)).toContain(suggestion);
  });

  test.each([
    ['vus', 'value<5 for 30s'],
    ['recovery_time', 'max<30s for 30s'],
  ])('%s has no windows', (selector, expression) => {
    expect(JSON.stringify(mistakesOf(selector, expression))).toContain('without windows');
  });
});
