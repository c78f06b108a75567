import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { connectTo, startTestServer } from './sql.cases.ts';

let server: RunningPostgres;
beforeAll(async () => {
  // What the server would show without being asked for another style.
  server = await startTestServer({ datestyle: 'SQL, DMY' });
});
afterAll(() => server?.stop());

const ownZone = process.env.TZ;
afterEach(() => {
  if (ownZone === undefined) delete process.env.TZ;
  else process.env.TZ = ownZone;
});

describe.each(['UTC', 'America/New_York', 'Asia/Kolkata'])('dates, with TZ=%s', (zone) => {
  const times = [
    ['date', '2026-02-03', '2026-02-03T00:00:00.000Z'],
    // Left out by daylight saving in New York.
    ['timestamp', '2026-03-08 02:30:00', '2026-03-08T02:30:00.000Z'],
    ['timestamp', '2026-11-01 01:30:00.25', '2026-11-01T01:30:00.250Z'],
    ['timestamptz', '2026-02-03 04:05:06.789+05:30', '2026-02-02T22:35:06.789Z'],
    ['timestamptz', '1890-01-01 00:00:00-04:56:02', '1890-01-01T04:56:02.000Z'],
    ['date', '0044-03-15 BC', '-000043-03-15T00:00:00.000Z'],
    ['timestamp', '0001-12-31 23:59:59 BC', '0000-12-31T23:59:59.000Z'],
    ['timestamptz', '0050-01-01 00:00:00+00', '0050-01-01T00:00:00.000Z'],
    ['timestamp', '12026-01-01 00:00:00', '+012026-01-01T00:00:00.000Z'],
  ] as const;

  it.each(times)('%s %s is read as it stands, and written back unchanged', async (type, text, moment) => {
    process.env.TZ = zone;
    const { sql } = connectTo(server.url);
    await sql.query('SET timezone = $$Asia/Tokyo$$');
    const { rows } = await sql.query(`SELECT $1::text::${type} AS at`, [text]);
    expect(rows[0]?.at.toISOString()).toBe(moment);
    const back = await sql.query(`SELECT $1::${type} = $2::text::${type} AS same`, [rows[0]?.at, text]);
    expect(back.error).toBeNull();
    expect(back.rows).toEqual([{ same: true }]);
    const listed = await sql.query(`SELECT $1::${type}[] AS list, $2::text::${type} = ANY ($1) AS found`, [
      [rows[0]?.at, null],
      text,
    ]);
    expect(listed.rows).toEqual([{ list: [rows[0]?.at, null], found: true }]);
  });

  it.each(['date', 'timestamp', 'timestamptz'])('%s without end is a number without end', async (type) => {
    process.env.TZ = zone;
    const { sql } = connectTo(server.url);
    const { rows } = await sql.query(`SELECT 'infinity'::${type} AS a, '-infinity'::${type} AS b`);
    expect(rows).toEqual([{ a: Number.POSITIVE_INFINITY, b: Number.NEGATIVE_INFINITY }]);
    const back = await sql.query(`SELECT $1::${type} = 'infinity' AS a, $2::${type} = '-infinity' AS b`, [
      rows[0]?.a,
      rows[0]?.b,
    ]);
    expect(back.rows).toEqual([{ a: true, b: true }]);
  });
});

describe('values', () => {
  it('beyond what a Date can hold are texts, times of day always', async () => {
    const { sql } = connectTo(server.url);
    const { rows } = await sql.query(
      "SELECT '5874897-12-31'::date AS late, '24:00:00'::time AS midnight, '04:05:06+05:30'::timetz AS zoned",
    );
    expect(rows).toEqual([{ late: '5874897-12-31', midnight: '24:00:00', zoned: '04:05:06+05:30' }]);
  });

  it('of arrays have the types of single ones', async () => {
    const { sql } = connectTo(server.url);
    const { rows } = await sql.query(`SELECT
      ARRAY[1, 9007199254740993, -9223372036854775808, NULL]::int8[] AS big, ARRAY[1.50, 'NaN']::numeric[] AS exact,
      ARRAY[1, -2]::int2[] AS small, ARRAY['NaN', 'Infinity', 2.5]::float8[] AS floats, ARRAY[true, false] AS flags,
      ARRAY[[1, 2], [3, 4]]::int8[] AS grid, '[0:1]={7,8}'::int8[] AS shifted, ARRAY[]::int8[] AS empty,
      ARRAY['a"b', 'NULL', '', 'c\\d', '{,}'] AS words, ARRAY['\\x00ff'::bytea] AS bytes,
      ARRAY['{"id": 9007199254740993}'::jsonb] AS json, ARRAY['(1,2),(0,0)'::box, '(3,4),(0,0)'::box] AS boxes,
      ARRAY['00000000-0000-0000-0000-000000000001'::uuid] AS ids, ARRAY['[1,5)'::int8range] AS ranges,
      ARRAY['pg_class'::regclass] AS tables, ARRAY['((0,0),(1,1))'::path] AS paths`);
    expect(rows).toEqual([
      {
        big: [1, 9007199254740993n, -9223372036854775808n, null],
        exact: ['1.50', 'NaN'],
        small: [1, -2],
        floats: [Number.NaN, Number.POSITIVE_INFINITY, 2.5],
        flags: [true, false],
        grid: [
          [1, 2],
          [3, 4],
        ],
        shifted: [7, 8],
        empty: [],
        words: ['a"b', 'NULL', '', 'c\\d', '{,}'],
        bytes: [Buffer.from([0, 255])],
        json: [{ id: 9007199254740993n }],
        boxes: ['(1,2),(0,0)', '(3,4),(0,0)'],
        ids: ['00000000-0000-0000-0000-000000000001'],
        ranges: ['[1,5)'],
        tables: ['pg_class'],
        paths: ['((0,0),(1,1))'],
      },
    ]);
  });

  it('that are numbers without a value keep it in both directions', async () => {
    const { sql } = connectTo(server.url);
    const { rows } = await sql.query(
      "SELECT $1::float8 AS nan, $2::float8 AS low, 'NaN'::numeric AS exact, '-Infinity'::numeric AS below, -9223372036854775808 AS least",
      [Number.NaN, Number.NEGATIVE_INFINITY],
    );
    expect(rows).toEqual([
      {
        ...{ nan: Number.NaN, low: Number.NEGATIVE_INFINITY, exact: 'NaN', below: '-Infinity' },
        least: -9223372036854775808n,
      },
    ]);
  });

  it('in JSON keep ids beyond 2^53, read and written', async () => {
    const { sql } = connectTo(server.url);
    const text =
      '{"a\\"9007199254740993": [9007199254740993, -12345678901234567890, 1234567890123456], "b": 1.5}';
    const { rows } = await sql.query('SELECT $1::text::jsonb AS b, $1::text::json AS j', [text]);
    const value = {
      'a"9007199254740993': [9007199254740993n, -12345678901234567890n, 1234567890123456],
      b: 1.5,
    };
    expect(rows).toEqual([{ b: value, j: value }]);
    const back = await sql.query('SELECT $1::jsonb = $2::text::jsonb AS same', [value, text]);
    expect(back.rows).toEqual([{ same: true }]);
    const other = '{"x": "9007199254740993", "y": 0.12345678901234567890, "z": 1e2, "e": "\\\\"}';
    const same = await sql.query('SELECT $1::text::json AS j', [other]);
    expect(same.rows).toEqual([{ j: JSON.parse(other) }]);
  });

  it('of domains are those of their types, of unknown types texts; an interval can be written back', async () => {
    const { sql } = connectTo(server.url);
    await sql.query('CREATE DOMAIN age AS int8 CHECK (VALUE > 0)');
    await sql.query("CREATE TYPE mood AS ENUM ('glad', 'sad')");
    const { rows } = await sql.query(
      "SELECT 5::age AS age, 'sad'::mood AS mood, '1 day 2 hours'::interval AS span, ROW(1, 'a') AS record",
    );
    expect(rows[0]).toMatchObject({ age: 5, mood: 'sad', span: { days: 1, hours: 2 }, record: '(1,a)' });
    const back = await sql.query("SELECT $1::interval = '1 day 2 hours' AS same", [rows[0]?.span]);
    expect(back.rows).toEqual([{ same: true }]);
  });

  it.each([
    ['text', 'a\0b'],
    ['text[]', ['fine', 'a\0b']],
  ])('with a zero character are refused by name before they are sent: %s', async (type, value) => {
    const { sql, count } = connectTo(server.url);
    await expect(sql.query(`SELECT $1::${type} AS x`, [value])).rejects.toThrow('zero character at position');
    await expect(sql.query('SELECT 1 AS x\0; DROP TABLE x')).rejects.toThrow('zero character at position 13');
    await expect(sql.copyFrom('COPY x\0 FROM STDIN', '')).rejects.toThrow('zero character');
    await expect(sql.query('SELECT $1::timestamptz', [new Date(Number.NaN)])).rejects.toThrow('invalid Date');
    expect(count('sql_ops')).toBe(0);
    expect((await sql.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });
});
