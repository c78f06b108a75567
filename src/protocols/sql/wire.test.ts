import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDatabaseUrl } from './database-url.ts';
import { failureOf, isSqlState } from './failure.ts';
import { objectText } from './parameters.ts';
import { md5Password, Scram } from './scram.ts';
import { labelOf, Statements } from './statement.ts';
import { MessageReader } from './wire-reader.ts';
import { MessageWriter } from './wire-writer.ts';

const message = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 40 }));

function encode(messages: readonly (readonly [number, Uint8Array])[]): Buffer {
  return Buffer.concat(
    messages.map(([type, body]) => {
      const head = Buffer.alloc(5);
      head[0] = type;
      head.writeInt32BE(body.length + 4, 1);
      return Buffer.concat([head, body]);
    }),
  );
}

describe('the reader', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 50 })), (messages, cuts) => {
        const bytes = encode(messages);
        const seen: [number, number[]][] = [];
        const reader = new MessageReader((type, from, start, end) => {
          seen.push([type, [...from.subarray(start, end)]]);
        }, 1000);
        let at = 0;
        for (const size of [...cuts, bytes.length]) {
          const piece = Buffer.from(bytes.subarray(at, at + size));
          expect(reader.read(piece, piece.length)).toBe(true);
          // The memory of a read is used again for the next one.
          piece.fill(0xff);
          at += size;
        }
        expect(seen).toEqual(messages.map(([type, body]) => [type, [...body]]));
      }),
    );
  });

  it('refuses lengths that no message has', () => {
    for (const length of [3, -1, 2000]) {
      const bytes = Buffer.from([90, 0, 0, 0, 0]);
      bytes.writeInt32BE(length, 1);
      expect(new MessageReader(() => {}, 1000).read(bytes, 5)).toBe(false);
      const inPieces = new MessageReader(() => {}, 1000);
      expect(inPieces.read(bytes, 2) && inPieces.read(bytes.subarray(2), 3)).toBe(false);
    }
  });
});

describe('the writer', () => {
  it('writes what the reader reads, whatever the size', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30_000, unit: 'grapheme' }), { maxLength: 8 }), (texts) => {
        const writer = new MessageWriter();
        const pieces = texts.map((text) => {
          writer.query(text);
          return writer.take();
        });
        const seen: string[] = [];
        const reader = new MessageReader(
          (_, bytes, from, to) => seen.push(bytes.toString('utf8', from, to - 1)),
          1e9,
        );
        for (const piece of pieces) reader.read(piece, piece.length);
        expect(seen).toEqual(texts.map((text) => Buffer.from(text).toString()));
      }),
      { numRuns: 30 },
    );
  });

  it('forgets what is discarded', () => {
    const writer = new MessageWriter();
    writer.query('SELECT 1');
    writer.discard();
    writer.sync();
    expect([...writer.take()]).toEqual([83, 0, 0, 0, 4]);
  });
});

describe('passwords', () => {
  it('are proved as RFC 7677 shows it', async () => {
    const scram = new Scram('rOprNGfwEbeRWgbNEkqO');
    const challenge =
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096';
    // The example names a user, which PostgreSQL leaves out, so its proof differs; ours is checked by real servers.
    const answer = await scram.answer(challenge, 'pencil');
    expect(answer).toMatch(/^c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj\)hNlF\$k0,p=[\w+/]{43}=$/);
    expect(() => scram.verify('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=')).toThrow('could not prove');
  });

  it('are not given to a server that answers another challenge', async () => {
    const answer = new Scram('abc').answer('r=xyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', 'pencil');
    await expect(answer).rejects.toThrow('does not belong to this exchange');
    const costly = new Scram('abc').answer('r=abcd,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=900000000', 'pencil');
    await expect(costly).rejects.toThrow('900000000 rounds');
  });

  it('have the older form, too', () => {
    expect(md5Password('u', 'p', Buffer.from([1, 2, 3, 4]))).toMatch(/^md5[0-9a-f]{32}$/);
  });
});

describe('values', () => {
  it('become arrays as PostgreSQL writes them', () => {
    expect(objectText([1, null, ['a"b\\c', true], { x: 1 }])).toBe(
      String.raw`{1,NULL,{"a\"b\\c",t},"{\"x\":1}"}`,
    );
  });

  it('name operations by the start of their text', () => {
    expect(labelOf('  SELECT\n   1 ')).toBe('SELECT 1');
    expect(labelOf(`INSERT INTO users VALUES ('jo', '${'s3cr3t'.repeat(20)}', 5)`)).toBe(
      'INSERT INTO users VALUES (?, ?, 5)',
    );
    expect(labelOf('x'.repeat(100))).toBe(`${'x'.repeat(57)}...`);
  });
});

describe('statements', () => {
  it.each([
    ['SELECT 1', true],
    [' -- why\n /* and how */ (WITH x AS (SELECT 1) TABLE x)', true],
    ['BEGIN', false],
    ['selection', false],
    ['CREATE TABLE t AS SELECT 1', false],
  ])('%s has a plan to keep: %s', (text, expected) => {
    expect(new Statements().get(text).plannable).toBe(expected);
  });
});

describe('failures', () => {
  it.each([
    ['40P01', 'deadlock'],
    ['40001', 'serialization'],
    ['53300', 'too_many_connections'],
    ['23503', 'constraint'],
    ['28P01', 'permission'],
    ['42501', 'permission'],
    ['42601', 'syntax'],
    ['57P01', 'connection'],
    ['08006', 'connection'],
    ['57014', 'cancelled'],
    ['55P03', 'timeout'],
    ['22012', 'other'],
    ['EPIPE', 'connection'],
    ['ECONNREFUSED', 'connection'],
    ['protocol_error', 'connection'],
    ['sql_pool_timeout', 'sql_pool_timeout'],
    ['constructor', 'connection'],
  ])('%s is %s', (code, expected) => {
    expect(failureOf(code, '').class).toBe(expected);
  });

  it('tell the codes of servers from those of systems', () => {
    expect([isSqlState('23505'), isSqlState('EPIPE'), isSqlState('timeout')]).toEqual([true, false, false]);
  });
});

describe('database URLs', () => {
  it('say where, who and what', () => {
    expect(parseDatabaseUrl('postgresql://a%40b:pw@db.example.com:6432/shop?sslmode=require')).toMatchObject({
      host: 'db.example.com',
      port: 6432,
      user: 'a@b',
      database: 'shop',
      sslMode: 'require',
      socketPath: null,
    });
    expect(parseDatabaseUrl('postgres:///shop?user=u&host=/run/postgresql').socketPath).toBe(
      '/run/postgresql/.s.PGSQL.5432',
    );
    expect(parseDatabaseUrl('postgres://u@[::1]/').host).toBe('::1');
    expect(parseDatabaseUrl('postgres://u@h').database).toBe('u');
  });
});
