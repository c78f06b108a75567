import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskStatement, maskTexts } from './mask-statement.ts';

describe('a statement that is kept', () => {
  it.each([
    [`SELECT * FROM t1 WHERE name = 'O''Hara' AND age > 42`, 'SELECT * FROM t1 WHERE name = ? AND age > ?'],
    [String.raw`SELECT E'it\'s me', b'01', U&'\0441', 'a\' || x`, 'SELECT ?, ?, ?, ? || x'],
    ['SELECT $$secret$$, $a$one $$ two$a$, $1', 'SELECT ?, ?, $1'],
    ['SELECT 1.5e-3, .5, 0x1F, 1_000, -7, a.b2, "Tab 9"', 'SELECT ?, ?, ?, ?, -?, a.b2, "Tab 9"'],
    ["SELECT 1 -- of 'Smith'\n, /* a /* b */ secret */ 2", 'SELECT ? , ?'],
    ["ALTER ROLE x PASSWORD 'geh", 'ALTER ROLE x PASSWORD ?'],
    ["SELECT E'abc\\", 'SELECT ?'],
    ['SELECT $q$abc', 'SELECT ?'],
    ['SELECT 1 /* by 5', 'SELECT ?'],
    ['  UPDATE\n\tt SET a = $2  ', 'UPDATE t SET a = $2'],
    ["COPY t FROM '/data/übung.csv'", 'COPY t FROM ?'],
  ])('%s', (text, masked) => {
    expect(maskStatement(text)).toBe(masked);
  });

  it('holds no literal, wherever the server cut it off', () => {
    const secret = fc.stringMatching(/^[a-z]{4,9}$/).map((word) => `Z${word}Z`);
    const literal = fc.oneof(
      secret.map((word) => `'${word} it''s'`),
      secret.map((word) => `E'\\'${word}'`),
      secret.map((word) => `$t$ ' ${word} $$ $t$`),
      secret.map((word) => `/* ${word} */ 1`),
    );
    fc.assert(
      fc.property(fc.array(literal, { minLength: 1, maxLength: 5 }), fc.nat(200), (literals, length) => {
        const text = `SELECT ${literals.join(', ')} FROM t`.slice(0, 8 + length);
        expect(maskStatement(text)).not.toMatch(/Z[a-z]/);
      }),
    );
  });

  it('is 200 characters long at the most', () => {
    const masked = maskStatement(`SELECT ${'column_name, '.repeat(100)} x`);
    expect(masked).toHaveLength(200);
    expect(masked.endsWith('…')).toBe(true);
  });
});

it('in names of operations only texts become marks', () => {
  expect(maskTexts("SELECT 'a b', $1, E'\\'x', $t$secret$t$ FROM t LIMIT 5")).toBe(
    'SELECT ?, $1, ?, ? FROM t LIMIT 5',
  );
  expect(maskTexts("ALTER ROLE app PASSWORD 'not closed")).toBe('ALTER ROLE app PASSWORD ?');
  expect(maskTexts('SELECT 1 -- as it is')).toBe('SELECT 1 -- as it is');
});
